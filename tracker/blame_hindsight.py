"""How a text judges with what is known today: should have, could have, plainly. Each pattern marks ``words``."""
# ruff: noqa: E501  a pattern that is cut in two is harder to read

from tracker.blame_forms import form
from tracker.blame_words import (
    BETTER,
    HARM,
    MEND,
    MISSED_ACT,
    OWED,
    PARTICIPLE,
    PERSON,
    ROLE,
    WELCOME,
    WORSE,
)

_NO = r"(?<!\bno )(?<!\bnot )(?<!\bnothing )(?<!\banything )(?<!\bnever )(?<!n't )(?<!n’t )(?<!\bless )(?<!\bmore )(?<!\bmost )"
_HAVE = r"(?:\s+have|['’]ve|\s+of|\s+had)"
_NO_TITLE = r"^(?![^.]*\b(?:there\s+(?:is|are|was|were)\s+(?:no|nothing|little|not)|nothing|nobody|no\s+one)\b[^.]*\b(?:could|would)(?:\s+have|['’]ve))(?!\W*(?:what|things|where|how|areas|anything|is there|are there|which)\b[^.]{0,40}have\s+(?:gone|been|done|we|you)).*?"

_SHOULD = r"(?:should|ought\s+to)"
SHOULD_HAVE = (
    form(
        "should ought",
        rf"(?P<words>(?:{PERSON}|\bthe\s+user)\s+(?:really\s+|probably\s+|perhaps\s+|all\s+|definitely\s+)?(?:should(?:n['’]t|\s+not|\s+never)?|ought(?:n['’]t)?(?:\s+not)?\s+to|ought\s+to\s+not)(?:\s+\w+ly|\s+never|\s+not|\s+at\s+least)?{_HAVE}(?:\s+(?:\w+ly|also|just|never|not|at\s+least|all|first|then))?\s+{PARTICIPLE}\b)(?!\s*(?:mattered|impacted|affected))",
        rf"(?P<words>\b{_SHOULD}(?:n['’]t|\s+not|\s+never)?(?:\s+\w+ly|\s+probably|\s+at\s+least)?{_HAVE}(?:\s+(?:\w+ly|also|just|never|not|at\s+least))?\s+been\s+(?:(?:\w+ly|more|better|much|far|also|at\s+least|already|first|a|the|our|an?)\s+){{0,2}}{OWED}\b)(?<!more quickly)",
        rf"(?<!that )(?<!which )(?P<words>\b{_SHOULD}(?:n['’]t|\s+not|\s+never)?{_HAVE}(?:\s+(?:\w+ly|also|just|never|not))?\s+been\s+(?:\w+ly\s+)?(?:added|removed|created|updated|set|started|sent|opened|scheduled|closed|deleted|executed|applied|increased|tuned|adjusted)\b)(?!\s+by\s+the\b)",
        rf"(?P<words>(?:^|[.:;,]\s*|\band\s+|\bbut\s+|\bor\s+)(?:I\s+)?\b(?:should(?:n['’]t|\s+not)?|ought\s+to)(?:\s+\w+ly)?{_HAVE}\s+(?!been\b){PARTICIPLE}\b)",
    ),
    form(
        "supposed meant expected required obliged",
        rf"(?P<words>{PERSON}\s+(?:was|were|am|are)\s+(?:\w+ly\s+)?(?:supposed|meant|expected|required|obliged)\s+to\s+(?:\w+ly\s+)?(?:have|check|test|tell|know|review|ask|verify|do|make|run|follow|update|notify|inform|monitor|watch|be|read|use|add|remove|change)\b)",
    ),
    form(
        "should known knew",
        r"(?P<words>\bshoulda\b|\b(?:should(?:['’]ve|\s+have)|would\s+have|could\s+have|ought\s+to\s+have)\s+known\b|\bkn[eo]wn?\s+better\b)",
        r"(?P<words>\bshould(?:n['’]t|\s+not)?(?:\s+have|['’]ve)\s+been\s+(?:just|only|no\s+more|at\s+(?:least|most)|the\s+(?:only|first|one|other)|set\b))",
    ),
)

COULD_HAVE = (
    form(
        "could would might 'd_ ’d_",
        rf"{_NO_TITLE}(?<!what )(?<!how )(?P<words>\b(?:could|would|might)(?:\s+(?:\w+ly|also|at\s+least|even|then|likely|perhaps|potentially))?{_HAVE}\s+(?:be(?:en)?\s+)?(?:(?:\w+ly|much|a\s+lot|far|also|more|greatly|at\s+least|likely|perhaps|a\s+bit|somewhat)\s+){{0,2}}(?:{MEND}|{BETTER})\b)(?!\s+(?:(?:\w+\s+){{0,3}}(?:worse|later|slower|longer)\b|to\s+(?:a|the)\s+(?:bug|issue)))(?<!been caused)",
        rf"{_NO_TITLE}(?P<words>\b(?:could|would|might)(?:\s+(?:\w+ly|also|at\s+least|even|then|likely|perhaps))?{_HAVE}\s+be(?:en)?\s+(?:(?:\w+ly|very|also|more|a|an|really|so|quite|far|much|the|all)\s+){{0,2}}{WELCOME}\b)(?!\s+(?:worse|by\s+(?:a|an)\s+(?:bug|issue)))(?<!found)(?<!triggered)",
        rf"{_NO_TITLE}(?<!what )(?<!how )(?P<words>\b(?:could|would|might){_HAVE}\s+(?:led|lead|resulted|meant|been|gone|taken|got|gotten|\w+ed)\b[^.;,]{{0,40}}?\b{BETTER}\b)(?!\s+(?:the|it|we|this|that)\b)(?<!less)(?<!before)",
        rf"(?P<words>\b(?:I|we|{ROLE})\s+could(?:\s+(?:\w+ly|also|at\s+least|even|perhaps))?{_HAVE}\s+(?:(?:\w+ly|also|just|at\s+least|all|done|gone)\s+)?(?!(?:lost|caused|broken|crash|fail|result|been\s+(?:hit|affected|worse|impacted|in)|had\s+(?:more\s+(?:impact|damage|outages?|problems|users|data)|a\s+(?:much|far|big|larg|serious|long)|to)|ended|run|missed|gone\s+worse)){PARTICIPLE}\b)(?!\s+(?:\w+\s+){{0,3}}(?:worse|later|slower|longer)\b)",
        rf"(?P<words>\b(?:I|we|{ROLE})\s+(?:would|['’]d)(?:\s+\w+ly)?{_HAVE}\s+(?:known|noticed|caught|seen|spotted|liked|loved|preferred|wanted|wished|hoped|been\s+(?:able|alerted|aware|warned|paged|notified)|found|reali[sz]ed|responded|reacted|saved|avoided|stopped|rolled)\b)(?!\s+(?:\w+\s+){{0,4}}(?:more|all|our|any)\s+data\b)",
        rf"(?P<words>\b(?:would|could|might)(?:n['’]t|\s+not|\s+never)(?:\s+(?:\w+ly|even))?{_HAVE}\s+(?:\w+ly\s+)?(?!been\s+(?:prevented|avoided|caught|possible\s+to|enough)){HARM}\b)",
        rf"(?P<words>\bwould\s+never{_HAVE}\s+(?:happened|occurred|gone)\b)",
        rf"(?<!that )(?<!which )(?<!what )(?<!it )(?<!this )(?<!data )(?P<words>\bcould(?:\s+\w+ly|\s+also|\s+at\s+least)?{_HAVE}\s+been\s+(?:\w+ly\s+)?{MISSED_ACT}\b)(?!\s+(?:by|as|due|because|with\s+malicious)\b)",
        r"(?P<words>\bthere\s+could\s+have\s+been\s+(?:an?|more|better|some|manual|automated)\b)(?!\s+(?:\w+\s+)?(?:loss|damage|data|impact|corruption|users|customers|problems?|issues?|bugs?|outages?|race))",
        r"(?P<words>\bcould\s+have\s+(?:included|added|written|had)\s+(?:an?|the|some|more|better)\s+(?:\w+\s+)?(?:tests?|checks?|alerts?|review|monitoring|documentation|runbook|plan)\b)",
        rf"(?P<words>\b(?:could|would|might)\s+(?:an?|the|we|more|better|this|it|some|any|having|earlier)\s+(?:[\w-]+\s+){{0,5}}?(?:have\s+(?:be\s+)?)?(?:{MEND}|made|been\s+\w+ed|done)\b)(?=[^.]*\?)",
        r"(?P<words>\bnot\s+as\s+\w+\s+as\s+(?:it|we|they|I)\s+could\s+have\b|\bas\s+well\s+as\s+(?:it|we|they|I)\s+could\s+have\b)",
    ),
    form(
        "had_",
        rf"(?P<words>(?:^|[,;:(–—]\s*|\b(?:and|but|that|because|so)\s+)had\s+(?:we|they|he|she|I|you|it|this|that|these|there|some(?:body|one)|any(?:body|one)|(?:the|a|an|our)\s+[\w-]+(?:\s+[\w-]+)?)\s+(?:\w+ly\s+)?(?!not\b|to\b|been\s+(?:no|an?\s+(?:real|actual|genuine|malicious))\b){PARTICIPLE}\b)(?![^.]*\b{WORSE})(?!\s*$)",
    ),
    form(
        "if_",
        rf"(?P<words>\bif\s+only\b|\bif\s+(?:we|they|he|she|I|you|it|this|that|these|there|some(?:body|one)|any(?:body|one)|(?:the|a|an|our|more|his|her|their)\s+[\w-]+(?:\s+[\w-]+){{0,2}})\s+(?:had|['’]d)\s+(?:(?:only|been|also|\w+ly)\s+){{0,2}}(?!not\b|to\b|any\b|happened|occurred|caused|failed|spread|gone\b|continued){PARTICIPLE}\b)(?![^.]*\b{WORSE})",
        rf"(?P<words>\bif\s+(?:we|they|he|she|I|some(?:body|one)|the\s+team)\s+would(?:['’]ve|\s+have)\s+{PARTICIPLE}\b)(?![^.]*\b{WORSE})",
        r"(?P<words>\bif\s+(?:we|they|he|she|I|it|this|somebody|someone|the\s+[\w-]+(?:\s+\w+)?)\s+(?:\w+ly\s+)?\w+ed\b[^.]*\bwould\s+(?:not\s+)?have\b)(?![^.]*\b(?:worse|longer|failed|still|anyway)\b)",
    ),
    form(
        "wish ideally better",
        r"(?P<words>\b(?:I|we)\s+wish(?:ed)?\s+(?:that\s+)?(?:we|I|it|they|the\s+\w+)(?:\s+had|['’]d|\s+(?:could|would)\s+have)\b|\bideally,?\s+(?:we|this|it|the\s+\w+|there)\s+(?:would|should|could)\s+have\b|\bbetter\s+(?:off\s+)?if\s+(?:we|I|they|it)\s+had\b)",
    ),
)

PLAIN = (
    form(
        "obvious self-evident brainer plain_to",
        rf"(?P<words>{_NO}\bobviously\b)",
        r"(?P<words>(?<!no )\bobvious(?:ly)?\s+(?:mistakes?|errors?|oversight|bugs?|flaws?|defects?|problem|omission|in\s+(?:hindsight|retrospect))\b)(?<!no obvious errors)",
        r"(?P<words>\b(?:was|were|is|seemed|seems|looked|been)\s+(?:so\s+|pretty\s+|quite\s+|fairly\s+|rather\s+|very\s+|painfully\s+|glaringly\s+|now\s+)?(?:obvious|self-evident|a\s+no-?brainer|plain\s+to\s+see)\b)(?!\s+(?:which|whether|how|why|what))",
    ),
    form(
        "hindsight hind-sight retrospect looking_back",
        r"(?P<words>\b(?:in|with|with\s+the\s+benefit\s+of)\s+(?:hind-?sight|retrospect|retrospective)\b(?!\s+(?:meeting|session|doc))|\bhindsight\b|\blooking\s+back\b)",
    ),
    form(
        "clearly plainly evidently",
        r"(?<!be )(?<!being )(?<!more )(?<!not )(?<!\bcan )(?P<words>\b(?:clearly|plainly|evidently)\s+(?:show\w*|visible|indicat\w+|impl(?:y|ied|ies)|stat(?:ed|es)|said|says|tells?|told|marked|documented|not|should|could|wrong|did|was|were|wasn['’]t|weren['’]t|had|has|pointed|seen|wrote|written|missed|ignored|failed|a|an|the)\b)(?!\s+(?:a\s+)?(?:way|path|need))",
    ),
    form(
        "simply merely just only trivial simple all_ dumb easy",
        r"(?P<words>\b(?:is|was|were|are|had|has|been|should|would)\s+(?:simply|merely)\b)(?!\s+(?:in|a\s+matter\s+of\s+time))",
        rf"(?P<words>{PERSON}\s+(?:simply|merely)\s+(?:\w+ed|forgot|did(?:\s+not|n['’]t)|had|ran|went|took|made|put|left|thought|lost|let)\b)",
        r"(?P<words>\bsimply\s+(?:forgot\w*|failed|missed|ignored|overlooked|did(?:\s+not|n['’]t)|no\s*one|nobody|human|because|due|(?:was|were|is|are|had|could)(?:n['’]t|\s+not))\b)",
        r"(?P<words>\b(?:solution|fix|remedy|answer|thing\s+to\s+do|workaround)\s+(?:was|is|were)\s+(?:(?:actually|then|really|to)\s+)?(?:just|simply|only|merely|trivial|as\s+(?:simple|easy)\s+as)\b)",
        r"(?P<words>\b(?:problem|issue|cause|error|reason|mistake|it|this|that|which|failure|outage|all\s+of\s+this|everything)\s+(?:was|were|turned\s+out\s+to\s+be|ended\s+up\s+being)\s+(?:actually\s+|really\s+)?(?:just|only|merely)\s+(?:an?|the|that|because|due|missing|not|bad|one|our|my|human|wrong)\b)(?!\s+(?:few|matter\s+of\s+time|minute|second|hour|temporary|partial|short|brief|small\s+(?:number|fraction|percentage|subset)|single|minority|subset|first|one\s+of))",
        r"(?P<words>\b(?:I|we|he|she|they|some(?:body|one))\s+just\s+(?:had\s+to|needed(?:\s+to)?|forgot|did(?:\s+not|n['’]t)|missed|ignored|failed|assumed|typed|clicked|copied|should|could\s+have)\b)",
        r"(?P<words>\b(?:all|the\s+only\s+thing)\s+(?:that\s+)?(?:we|I|you|he|she|it)\s+(?:really\s+)?(?:had\s+to\s+do|needed(?:\s+to\s+do)?|did|took|had\s+done)\b(?:\s+was)?|\ball\s+(?:that\s+)?(?:was|were)\s+(?:needed|required|necessary)\b|\b(?:we|I|they|he|she)\s+only\s+(?:had|needed)\s+to\b)",
        r"(?P<words>\b(?:happened|failed|broke|occurred|caused|missed)\b[^.]{0,30}\b(?:just|simply|merely)\s+(?:because|by)\b)",
        r"(?P<words>\b(?:a|an|this|that|the|our)\s+(?:very\s+|rather\s+|quite\s+)?(?:simple|trivial|dumb)\s+(?:mistake|error|typo|oversight|fix|misconfiguration|matter\s+of|omission)\b)",
    ),
    form(
        "course needless goes_without every anyb anyone common_sense trivially as_simple",
        r"(?P<words>\b(?:of\s+course|needless\s+to\s+say|goes\s+without\s+saying|(?:everybody|everyone|anybody|anyone)\s+(?:knows|knew|would\s+(?:know|have)|can\s+see|could\s+(?:have\s+)?see)|common\s+sense|trivially|as\s+simple\s+as\s+that)\b)",
    ),
)
