"""The named forms of blame and hindsight, as patterns over one sentence. Each marks the words to show as ``words``.

Tuned on one half of the sentences that ``bench/blame`` labels; the other half measures.
"""
# ruff: noqa: E501  a pattern that is cut in two is harder to read

import re

SENTENCE = re.compile(r"(?:[^.!?\n]|[.!?](?=\w|[)\]])){1,400}[.!?]*")
"""A sentence or a line, or 400 characters of one that does not end; a dot inside a word (``docs.rs``) ends nothing."""

_ROLE = (
    r"(?:(?:the|an?|our|one|another|his|her|their|that|this|first|second|on-call)\s+){0,2}(?:[\w-]+\s+){0,2}?"
    r"(?:engineers?|developers?|operators?|admin(?:istrator)?s?|persons?|people|colleagues?|interns?|contractors?"
    r"|responders?|reviewers?|managers?|teams?|members?|authors?|users?|customers?|staff|on-call)(?:\s+on\s+(?:call|duty))?"
)
_PERSON = rf"(?:\b(?:I|we|he|she|they|you|some(?:body|one)|nobody|no\s+one|everybody|everyone)|@[\w-]+|\b{_ROLE})"
_ADVERB = r"(?:(?:had|have|has|also|then|just|simply|again|really|all|then|unfortunately|\w+ly)\s+){0,2}"
_PARTICIPLE = (
    r"(?:\w+ed|been|had|done|known|seen|caught|told|gone|given|taken|made|found|run|set|put|kept|held|read|sent|thought"
    r"|written|come|begun|built|brought|chosen|left|lost|met|shown|spoken|taught|understood|won)"
)
_NEGATED = r"(?<!\bno )(?<!\bnot )(?<!\bnothing )(?<!\banything )(?<!\bnever )(?<!n't )(?<!n’t )(?<!\bless )"
_MEND = (
    r"(?:help\w*|prevent\w*|avoid\w*|mitigat\w*|caught|catch|detect\w*|discover\w*|notic\w*|found|find|alert\w*|warn\w*"
    r"|shorten\w*|reduc\w*|sav\w*|isolat\w*|allow\w*|ma[dk]e it|given us|let us|shown|stopp?\w*|spott?\w*|limit\w* (?:the|our)"
    r"|useful|better|faster|quicker|sooner|easier|earlier|smoother|simpler|done|deployed|tested|checked|known|seen|told)"
)


def _forms(*patterns: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in patterns)


FORMS: dict[str, tuple[re.Pattern[str], ...]] = {
    "slip": _forms(
        r"(?P<words>\b(?:human|operator|user|pilot|manual|people)\s+errors?\b)(?!\W{0,4}[”\"*]?\s*(?:is|are)\W{0,4}(?:never|not)\b)"
        r"(?<!any operator error)",
        r"(?P<words>\b(?:by mistake|(?<!users )mistakenly|honest (?:mistake|oversight)|fat[- ]finger\w*|mistyped|misclicked|misconfigured by)\b)",
        r"(?P<words>\b(?:made|makes|making|was|were)\s+(?:a|an|the|this|that|our|his|her|their)\s+(?:\w+\s+)?(?:mistake|slip|blunder|oversight)\b)"
        r"(?!\s+in\s+the\s+(?:code|logic|`))",
        r"(?P<words>\b(?:was|were|been|got)\s+(?:accidentally|unintentionally|inadvertently)\s+(?:\w+ed|run|sent|set|put|cut|shut|taken|made|built)\b)",
        r"(?P<words>\b(?:manual\s+mistakes?|(?:this|an|the|our)\s+oversight\s+(?:was|is|in|by)|oversight\s+(?:on|by)\s+(?:our|my|their|the))\b)",
        r"(?<!\bthat )(?<!\bwhich )(?<!\bto )(?<!\bcan )(?<!\bcould )(?<!\bmay )(?<!\bmight )(?<!\bnot )(?<!\bfrom )(?<!\bnever )(?<!\bbeing )"
        r"(?P<words>\b(?:accidentally|unintentionally)\s+(?:\w+ed|\w+ing|run|ran|sent|set|put|cut|left|overwr\w+|shut|took|gave|made|broke)\b)",
        r"(?P<words>\b(?:run|set|merged|deleted|pushed|deployed|changed|removed|closed|enabled|disabled)\b[^.]{0,40}?\b(?:accidentally|by accident)\b)",
    ),
    "left undone": _forms(
        rf"(?P<words>{_PERSON}\s+{_ADVERB}(?:failed\s+to|forgot(?:ten)?(?:\s+(?:to|about|that|the|it)\b)?(?!\s+(?:what|where|how|who))|neglected"
        r"|overlooked|ignored|(?:wrongly|incorrectly|mistakenly)\s+(?!\w+ing\b)\w+|misread|misunderstood|misjudged|mistyped|disregarded"
        r"|broke|botched|messed|screwed|caused|was to blame|were to blame|is to blame|was at fault|were at fault"
        r"|missed\s+(?:the|this|that|it|an?|our|to)\b))",
        rf"(?P<words>{_ROLE}\s+{_ADVERB}(?:deleted|pushed|ran|typed|dropped|did(?:\s+not|n['’]t)\s+(?:check|test|notice|read|look|ask|follow|realise|realize"
        r"|verify|think|know|bother|tell|review|document|consider|understand)))",
        r"(?P<words>\b(?:I|we|he|she|they|you|some(?:body|one))\s+did(?:\s+not|n['’]t)\s+(?:bother|care|think\s+(?:to|of|about)|follow|double|look at"
        r"|read the|pay)\b[^.]{0,20})",
        r"(?P<words>\bdid\s+(?:the|an?|our)\s+(?:\w+\s+)?(?:engineer|developer|operator|admin|person|reviewer|team)\s+(?:forget|fail|miss|ignore|not)\b)",
        rf"(?P<words>\b(?:was|were|been|got)\s+{_ADVERB}(?:overlooked|forgotten|neglected|disregarded)\b)(?!\s+by\s+(?:the\s+)?(?:parser|server|browser))",
        r"(?P<words>\b(?:alert|notification|warning|step|check|page|mail|e-mail|email|message|review|sign|this|that|it)\s+(?:was|were|got)\s+missed\b)",
        r"(?P<words>\bsign\s+we\s+missed\b|\band\s+ignored\b|\bwe\s+(?:all\s+)?missed\b)",
        r"(?P<words>\bfailed\s+to\s+(?:predict|consider|anticipate|foresee|realise|realize|communicate|inform|coordinate)\b)",
        r"(?P<words>\b(?:fault|blame)\s+(?:of|lies with|is on)\s+(?:the\s+)?(?:engineer|developer|team|operator|admin|person)\w*)",
    ),
    "care": _forms(
        r"(?P<words>\b(?:careless(?:ly|ness)?|negligen(?:t|ce|tly)|sloppy|sloppiness|laziness|incompeten\w+|inattent\w+|reckless\w*"
        r"|irresponsib\w+|unprofessional|stupid\w*|dumb|foolish\w*|thoughtless\w*)\b)",
        r"(?P<words>\bwithout\s+(?:being\s+thorough|thinking|looking|checking)\b)",
        r"(?P<words>\b(?:lack\s+of|not\s+enough|insufficient)\s+(?:care|attention|diligence|discipline|caution|vigilance|thoroughness)\b)",
        r"(?P<words>\b(?:be|been)\s+(?:more\s+)?(?:careful|cautious|vigilant|attentive|diligent)\b)",
        r"(?P<words>\b(?:pay|paid|paying|take|taken)\s+(?:more\s+|better\s+|closer\s+|enough\s+)(?:attention|care)\b)",
        r"(?P<words>\b(?:poor|bad)\s+(?:\w+\s+)?(?:strategy|judge?ment|decisions?|planning|discipline|choices?|practices?|workmanship)\b)",
        r"(?P<words>@[\w-]+\s+(?:added|pushed|merged|wrote|made|deployed|shipped)\s+(?:\w+\s+){0,3}(?:faulty|broken|wrong|buggy)\b)",
    ),
    "should have": _forms(
        rf"(?<!customers )(?<!users )(?<!that )(?P<words>\b(?:should|ought\s+to)(?:n['’]t|\s+not)?(?:\s+have|['’]ve)(?:\s+not)?\s+(?:\w+ly\s+|also\s+|just\s+)?{_PARTICIPLE}\b)"
        r"(?!\s*(?:mattered|worked|impacted|affected))(?<!mattered)(?<!worked)",
        r"(?P<words>\b(?:was|were)\s+supposed\s+to\s+(?:have|check|test|tell|know|review|ask|verify)\b)",
        r"(?P<words>\bshoulda\b|\b(?:would|could)\s+have\s+known\b|\bknew\s+better\b)",
    ),
    "could have": _forms(
        rf"(?P<words>\b(?:could|would|might)(?:\s+\w+ly)?(?:\s+have|['’]ve)\s+(?:be(?:en)?\s+)?(?:\w+ly\s+|much\s+|a lot\s+|far\s+|also\s+)?{_MEND}\b)"
        r"(?<!would have seen)(?<!would have shown)"
        r"(?!\s+(?:gone\s+better|(?:\w+\s+){0,3}(?:later|worse)))",
        r"(?P<words>\bas\s+well\s+as\s+(?:it|we|they|I)\s+could\s+have\b)",
        r"(?P<words>\b(?:if\s+only|had)\s+(?:we|they|he|she|I|somebody|someone|the\s+team|anybody|anyone)\s+(?:\w+ly\s+)?(?!not\b)(?:known|been|had|checked|tested"
        r"|looked|asked|read|seen|noticed|done|told|followed|reviewed)\b)",
        r"(?P<words>\bif\s+(?:we|they|he|she|I|somebody|someone|the\s+\w+(?:\s+\w+)?)\s+had\s+(?:only\s+|been\s+)?\w+(?:ed|en|n|t)\b)",
    ),
    "plain": _forms(
        rf"(?P<words>{_NEGATED}\bobviously\b)",
        r"(?P<words>\b(?:was|were|is|seemed|seems|looked)\s+(?:so\s+|pretty\s+|quite\s+|fairly\s+|rather\s+)?obvious\b)(?!\s+which)",
        r"(?P<words>\b(?:clearly|plainly)\s+(?:show\w*|visible|indicated?|stated|said|says|told|marked|documented|a|an|the|not|should|could|wrong)\b)",
        r"(?P<words>\b(?:is|was|were|are|had|has|should|would)\s+(?:simply|merely)\b)(?!\s+(?:in|a\s+matter\s+of\s+time))",
        r"(?P<words>\b(?:solution|fix|problem|issue|cause|error|reason|mistake|answer|remedy|thing)\s+(?:was|is|were)\s+(?:just|simply|only)\b)(?!\s+\w+ing\b)",
        r"(?P<words>\b(?:I|we|he|she|they|some(?:body|one))\s+(?:just|simply|merely)\s+(?:had|needed|forgot|did|didn['’]t|ran|pushed|clicked|missed|ignored"
        r"|deleted|failed|should|could|assumed|typed|restarted)\b)",
        r"(?P<words>\b(?:will|would)\s+just\s+(?:fix|go|work|resolve)\b)",
        r"(?P<words>\b(?:of\s+course|needless\s+to\s+say|everybody\s+knows|everyone\s+knows|common\s+sense|trivially|any(?:body|one)\s+(?:can|could)\s+see)\b)",
    ),
}
"""The patterns of each wording, the surer first."""
