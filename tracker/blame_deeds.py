"""How a deed is told as somebody's error: a slip, something left undone, a lack of care. Each pattern marks ``words``."""
# ruff: noqa: E501  a pattern that is cut in two is harder to read

from tracker.blame_forms import form
from tracker.blame_words import (
    ACT,
    ACT_NOUN,
    ADVERB,
    CLOCK_OF_DUTY,
    DEGREE,
    DUTY,
    DUTY_DONE,
    NEGATION,
    NOBODY,
    NOTICED,
    OTHERS,
    PARTICIPLE,
    PERSON,
    ROLE,
    SINGLE_ROLES,
    THINGS,
)

_ACTOR = rf"(?:{PERSON}|(?-i:\b(?!(?:The|This|That|It|An?|Users|Customers|In|On|At|When|After)\b)[A-Z][a-z]+\b))"
_BY_CHANCE = (
    r"(?:accidentally|mistakenly|inadvertently|unintentionally|erroneously|unknowingly|unwittingly|unthinkingly)"
)
_IN_ERROR = r"(?:by\s+(?:mistake|accident|oversight)|in\s+error|accidentally|inadvertently|mistakenly|unintentionally|erroneously)"
_WRONGLY = r"(?:wrongly|incorrectly|falsely|mistakenly|erroneously|wrongfully)"
_TOOK_FOR = r"(?:assum|assess|flagg|attribut|estimat|guess|believ|thought|conclud|expect|interpret|understood|presum|judg|consider|identif|decid|diagnos|classif|dismiss)\w*"
_GUARDED = r"(?<!prevent )(?<!avoid )(?<!against )(?<!from )(?<!any )(?<!no )(?<!possible )(?<!future )(?<!potential )(?<!such )(?<!for )(?<!never )(?<!without )(?<!of )(?<!reduce )(?<!minimize )(?<!minimise )(?<!eliminate )(?<!fewer )"

SLIP = (
    form(
        "mistake error oversight fault slip blunder typo bad fat- fat_finger mis negligence bungl fumbl flubb goof",
        rf"{_GUARDED}(?<!assumed )(?<!suspected )(?<!prone to )(?P<words>\b(?:human|operator|user|pilot|manual|people|clerical|procedural)\s+(?:errors?|mistakes?)\b)(?!\W{{0,4}}[”\"*]?\s*(?:is|are|as)\W{{0,4}}(?:never|not|an?)\b)(?<!any operator error)",
        r"(?P<words>\b(?:mistakes?|errors?|oversight)\s+(?:made\s+)?(?:on|from|by)\s+(?:our|my|his|her|their|the\s+team['’]?s|the\s+\w+['’]s|us|me)\b(?:\s+(?:part|side|end|own))?)",
        r"(?<!not )(?P<words>\b(?:our|my|his|her|their|own)\s+(?:own\s+)?(?:mistakes?|error|oversight|fault|blunder|slip|bad\b))(?!\s+(?:budget|rate|log|message|handling|toleran|page|code))",
        r"(?<!not )(?P<words>\b(?:made|makes|making|was|were)\s+(?:a|an|the|this|that|our|some|two|several|another)\s+(?:\w+\s+){0,2}(?:mistakes?|slip|blunder|oversight|typo)\b)(?<!was a typo)(?!\s+in\s+the\s+(?:code|logic|`))",
        r"(?P<words>\b(?:due\s+to|because\s+of|caused\s+by|result\s+of|through)\s+(?:an?|our|my|the|this|some|one|his|her|their)?\s*(?:\w+\s+){0,2}(?:mistake|oversight|blunder|slip-?up|carelessness|negligence)\b)",
        r"(?P<words>\b(?:honest|silly|stupid|simple|careless|small|basic|rookie|embarrassing|bad|big|costly|copy-?paste|manual)\s+(?:mistakes?|oversight|slip|blunder)\b|\bslip[- ]ups?\b|\bfat[- ]finger\w*|\bmis-?(?:typed|clicked|keyed)\b)",
        r"(?P<words>\b(?:this|that|an|the|our|some\s+of\s+this)\s+(?:\w+\s+)?(?:oversight|mistake)\s+(?:was|is|were|in|by|meant|led|caused|resulted)\b)(?!\s+in\s+the\s+(?:code|logic|`))",
        r"(?P<words>\b(?:testing|configuration|review|planning|process|communication|documentation|monitoring|deployment|design|simple|minor|major|small)\s+oversights?\b|\ban?\s+(?:(?!human|management|security)\w+\s+)?oversight\b)(?!\s+(?:board|committee|body|role|of\b))",
        r"(?P<words>\b(?:mishandl|mismanag|bungl|fumbl|flubb|goof|blunder|misconfigur)(?:ed|ing)\s+by\s+(?:us|our|the)\b|\b(?:mishandled|mismanaged|bungled|fumbled|flubbed|goofed|blundered)\b)",
    ),
    form(
        "accident mistake inadvertent unintention erroneous unknowing unwitting unthinking in_error oversight",
        r"(?<!could )(?<!can )(?<!may )(?<!might )(?<!not )(?<!to )(?P<words>\b(?:was|were|been|got|being|gets?)\s+(?:\w+ly\s+)?"
        + _BY_CHANCE
        + rf"\s+{PARTICIPLE})",
        rf"(?P<words>{_ACTOR}\s+(?:(?:had|have|has|then|also|were|was|are|is)\s+){{0,2}}{_BY_CHANCE}\s+(?:\w+ing|{PARTICIPLE}|ran|broke|took|gave|went|got|overwrote|wrote|began)\b)",
        rf"(?:^|[,;:(–—-]\s*|\b(?:and|then|but|by|when|after|while)\s+)(?<!, that )(?P<words>{_BY_CHANCE}\s+{ACT}\w*)",
        rf"(?P<words>\b(?!{THINGS}\b)(?!(?:to|not|can|could|may|might|will|would|from|never|who|what)\b)\w+\s+{_BY_CHANCE}\s+(?:{ACT}\w*(?:ed|ten)|ran|left|set|cut|put|took)\b)",
        rf"(?<!not be )(?<!can be )(?<!could be )(?<!to be )(?P<words>\b(?:was|were|been|got|I|we|he|she|they|{ROLE})\s+(?:\w+\s+){{0,2}}{ACT}\w*\b(?:(?!\bthat\b|\bwhich\b)[^.;]){{0,50}}?\b{_IN_ERROR}\b)",
        rf"^(?P<words>\W*{ACT}\w*ed\b(?:(?!\bthat\b|\bwhich\b)[^.;]){{0,50}}?\b{_IN_ERROR}\b)",
        rf"(?P<words>\bby\s+(?:mistake|accident),?\s+{PERSON}\b)",
        r"^(?:(?!\b(?:can|could|may|might|never|not|cannot|able|possible|easy|prevent|avoid|to)\b|n['’]t\b).)*?(?P<words>\bby\s+(?:mistake|accident)\b)",
        r"(?<!not )(?<!can )(?<!could )(?<!never )(?<!or )(?P<words>\b(?:is|are|was|were|\w+ed)\s+by\s+(?:mistake|accident)\b|\bin\s+error,?\s+(?:\w+ed|sent|told)\b)",
        rf"{_GUARDED}(?P<words>\b(?:accidental|inadvertent|unintentional|mistaken)\s+(?:[\w-]+\s+){{0,2}}{ACT_NOUN}\b)(?!\s+(?:protection|prevention))",
    ),
    form(
        "wrong incorrect false mistak erroneous mis assumption belief underestimat overestimat impression conclusion",
        rf"(?P<words>(?:{PERSON}|\bit|\b(?:was|were|been))\s+(?:(?:had|have|was|were|then|also|initially)\s+){{0,2}}{_WRONGLY}\s+{_TOOK_FOR})",
        rf"(?:^|,\s*|\band\s+)(?P<words>{_WRONGLY}\s+{_TOOK_FOR}(?<=ed|ng|ht|od))",
        rf"(?P<words>{PERSON}\s+{ADVERB}(?:mis-?(?:read|judged|understood|interpreted|took|typed|calculated|remembered|diagnosed|identified|counted|heard)))\b",
        r"(?P<words>\b(?:misjudg(?:ed|ing)|misunderstood|mistook|mistaken\s+for|(?:under|over)estimated)\b|\bmis(?:read|interpreted|diagnosed)\s+by\s+(?:us|the|our|an?)\b)(?<!be misunderstood)",
        rf"{_GUARDED}(?<!clear up )(?<!clarify )(?P<words>\b(?:misunderstanding|misjudge?ment|misinterpretation|misreading|miscalculation|misconception)s?\b)",
        r"(?P<words>\b(?:wrong|incorrect|false|mistaken|faulty|invalid|bad|flawed|erroneous)\s+(?:assumptions?|beliefs?|impression|conclusions?)\b)",
        rf"(?P<words>(?<![\w'’])(?:I|we|he|she|{ROLE})\s+(?:(?:had|have|also|then)\s+)?{_WRONGLY}\s+{PARTICIPLE})",
    ),
)

LEFT_UNDONE = (
    form(
        "fail neglect omit refus",
        r"(?P<words>^\W*(?:(?:also|then|and|but|we\s+also)\s+)failed\s+to\b|^\W*failed\s+to\s+(?:consider|anticipate|communicate|test|document|inform|notify\s+(?:our|the)|plan|reali[sz]e|review|ask|follow)\b)(?!\s+with)",
        r"(?P<words>\b(?:omitt|neglect|forgett)ing\s+to\b|\b(?:omitted|neglected)\s+to\b)(?<!without neglecting to)(?<!avoid forgetting to)",
        rf"(?P<words>(?<!\bthat )(?<!\bwhich ){PERSON}\s+{ADVERB}(?:failed|neglected|omitted|refused)\s+to\b)(?!\s+(?:log|sign|connect|load|authenticate|reproduce|access)\b)(?<!they failed to)",
        r"(?P<words>\b(?:I|we|he|she|they|you|who)\s+(?:\w+ly\s+)?fail(?:ed|ing)?\s+to\s+(?:consider|anticipate|foresee|reali[sz]e|appreciate|notice|communicate|inform|test|plan|ask|follow|document|verify|check|account|take|see|spot)\b)",
        rf"(?P<words>\b(?!{THINGS}\b)[\w'’-]+\s+failed\s+to\s+(?:consider|anticipate|foresee|reali[sz]e|appreciate|communicate(?!\s+with)|inform|coordinate|think|ask|plan|document|escalate|follow\s+(?:up|the|our|through)|take\s+into|remember)\b)",
        r"(?P<words>\bfailure\s+(?:to\s+(?:communicate|test|review|verify|check|follow|consider|anticipate|inform|notify|escalate|document|plan|notice|ask)|(?:of|by)\s+(?:our|the|my)\s+(?:team|engineer|staff|reviewer|management)\w*)\b(?!\s+with))",
    ),
    form(
        "forgot forget overlook disregard botch neglect dropped_the mess screw blew asleep slack blind other_way dismiss brush through_the through_our granted sight_of slide corners radar",
        rf"(?P<words>(?:{PERSON}|\bthe\s+operator)\s+{ADVERB}(?:forgot(?:ten)?(?:\s+(?:to|about|that)\b)?|overlooked|disregarded|botched|neglected|dropped\s+the\s+ball|messed\s+(?:\w+\s+)?up|screwed\s+(?:\w+\s+)?up|blew\s+it|fell\s+asleep|slacked|looked\s+the\s+other\s+way|turned\s+a\s+blind\s+eye)\b)(?!\s+(?:my|your|their|his|her)?\s*(?:password|username))(?<!you forgot)(?<!you forgotten)",
        r"(?P<words>\b(?:was|were|been|got|being)\s+(?:(?:\w+ly|also|then|simply|just|all)\s+){0,2}(?:overlooked|forgotten|neglected|disregarded|brushed\s+(?:off|aside))\b)(?!\s+(?:password|by\s+(?:the\s+)?(?:parser|server|browser)))(?<!not forgotten)(?<!easily overlooked)",
        r"(?<!avoid )(?<!prevent )(?<!from )(?<!against )(?<!without )(?<!as easy as )(?P<words>\b(?:forgetting|neglecting)\s+(?:to|about|that|the)\b|\bforgot\s+(?:to|about)\b)(?<!you forgot to)",
        r"(?<!avoid )(?<!prevent )(?<!from )(?P<words>\boverlook(?:ed|ing)\s+(?:the|that|this|an?|how|by|in|during|when|because|our|by)\b)",
        r"(?P<words>\b(?:fell|slipped|falling|slip|slipping|slid)\s+through\s+(?:the|our)\s+(?:\w+\s+)?(?:cracks|net|review|checks)\b)",
        r"(?P<words>\b(?:took|taken)\s+(?:\w+\s+){0,3}for\s+granted\b|\blost\s+sight\s+of\b|\blet\s+(?:it|this|things|that)\s+slide\b|\bcut\s+corners\b|\b(?:not|n['’]t)\s+(?:have\s+(?:it\s+)?)?on\s+(?:our|its|their|the|my)\s+radar\b)",
    ),
    form(
        "ignor miss overlook dismiss not_",
        rf"(?P<words>{PERSON}\s+{ADVERB}ignored\s+(?!by\b)\w+)",
        r"(?P<words>\b(?:alerts?|alarms?|warnings?|pages?|notifications?|signs?|signals?|messages?|mails?|e-?mails?|reports?|complaints?|recommendations?|concerns?|advice|symptoms?|tickets?|process|procedure|instructions?|documentation|rules?)\s+(?:\w+\s+)?(?:was|were|been|got|had\s+been|being)\s+(?:\w+\s+)?(?:ignored|missed|overlooked|dismissed|not\s+(?:followed|acted|noticed|read))\b)(?!\s+by\s+(?:the\s+)?(?:\w+\s+)?(?:server|service|system|bot|scheduler|parser))",
        r"(?P<words>\b(?:considered|assumed|dismissed|noticed|seen|reported|raised|received|acknowledged)\b[^.]{0,60}\band\s+(?:then\s+)?(?:were\s+|was\s+)?ignored\b)",
        r"(?P<words>\bmiss(?:ed|ing)\s+(?:the|an|our|this|that)\s+(?:opportunity|chance|signs?|signals?|warnings?)\b)",
        r"(?P<words>\b(?:I|we|he|she|they|team|engineers?|reviewers?|somebody|someone|everyone|everybody)\s+(?:(?:had|have|all|both|also|then|initially|completely|\w+ly)\s+){0,2}missed\b)(?!\s+(?:\w+\s+){0,2}(?:sl[ao]s?|targets?|deadlines?|objectives?|goals?|windows?|meetings?|errors?\s+budget)\b)",
        r"(?P<words>\b(?:this|that|it|which|step|check|edge\s+case|case|issue|bug|problem|error|defect|typo|detail|change|difference|one|item)\s+(?:(?:was|were|got|had\s+been|has\s+been)\s+)(?:\w+ly\s+|also\s+)?missed\b|\bmissed\s+(?:in|during|by)\s+(?:(?:the|our|code|peer|pr|all|both|us|me)\s+){0,2}(?:reviews?|reviewers?|testing|qa|team|us|me|everyone|audit|planning)\b)",
    ),
    form(
        "did_not didn't didn’t didnt never had_not hadn't hadn’t",
        rf"(?P<words>(?:{PERSON}|\bthe\s+user)\s+{ADVERB}{NEGATION}\s+{DEGREE}{DUTY}\b)(?!\s+(?:correctly|in\s+time\s+for))(?<!you did not respond)",
        rf"(?:^\W*|\b(?:I|we|he|she|they)\b[^.;]{{0,60}}\b(?:and|but)\s+)(?P<words>(?:did(?:\s+not|n['’]t)|never)\s+{DEGREE}{DUTY}\b)",
        rf"(?P<words>{OTHERS}\s+{ADVERB}{NEGATION}\s+{DEGREE}{NOTICED}\b)(?<!they did not see)(?<!they didn't see)(?<!they didn’t see)(?<!they did not know)",
    ),
    form(
        "did_ had_ has_ have_ does_ didn't didn’t hadn't",
        rf"(?P<words>\b(?:did|had|has|have|does)(?:n['’]t|\s+not)?\s+(?:you|we|they|he|she|I|nobody|no\s+one|the\s+(?:\w+\s+)?(?:engineer|developer|admin|person|reviewer|team|author|owner)s?)\s+(?:not\s+|never\s+)?{DEGREE}(?:forget|fail(?:ed)?\s+to|miss|ignore|(?<=not ){DUTY}))",
    ),
    form(
        "nobody no_one no-one noone none_of",
        rf"(?P<words>\b{NOBODY}\s+(?:(?:had|has|else|ever|really|actually|even|also|thought\s+to|bothered\s+to|of\s+us)\s+){{0,3}}(?:{NOTICED}|{CLOCK_OF_DUTY}|{DUTY}|(?:was|were)\s+(?:\w+ly\s+)?(?:\w+ing|aware)\b(?<!having)(?<!using)(?<!working))\b)(?<!know)",
    ),
    form(
        "have_not haven't haven’t has_not hasn't hasn’t",
        rf"(?P<words>{PERSON}\s+(?:still\s+)?(?:have|has)(?:n['’]t|\s+not)\s+(?:yet\s+)?(?:adopted|followed|learned|acted|bothered|taken|{DUTY_DONE})\b)",
    ),
    form(
        "not_ n't n’t never",
        rf"(?<!n't )(?P<words>\b(?:was|were|been|is|are)\s+(?:never|not)\s+(?:properly|adequately|sufficiently|fully|thoroughly|even|actually|ever)\s+(?:{DUTY_DONE}|checked|validated|monitored|maintained|trained)\b)",
        rf"(?P<words>\b(?:was|were|had|has)\s*(?:n['’]t|\s+not|\s+never)\s+(?:been\s+)?(?:ever\s+)?(?:\w+[- ])?(?:{DUTY_DONE})\b)(?!\s+(?:to\s+(?:be|have)|an?\s|as\s))",
        rf"(?P<words>\bnot\s+being\s+(?:\w+ly\s+)?{DUTY_DONE}\b|\b(?:was|were)\s+(?:the|this|it|that|these|an?)\s+(?:[\w-]+\s+){{0,3}}not\s+(?:\w+ly\s+)?{DUTY_DONE}\b|\bwhy\s+(?:was|were)\s+no\s+[\w\s-]{{0,30}}(?:requested|performed|done|made|taken|given|sent|run)\b)",
        r"(?<!is )(?<!are )(?P<words>\bnever\s+(?:\w+ly\s+)?(?:validated|tested|reviewed|verified|documented|communicated|exercised|rehearsed|questioned|announced)\b)",
        rf"(?P<words>(?<![\w'’])(?:he|she|(?:the|an?|one|our)\s+(?:[\w-]+\s+)?(?:{SINGLE_ROLES}))\s+(?:was|were)(?:n['’]t|\s+not)\s+(?:\w+ly\s+)?(?:aware|paying|thinking|careful)\b)",
    ),
    form(
        "nothing no_ despite",
        r"(?P<words>\bnothing\s+(?:was|had\s+been)\s+done\b|\bno\s+(?:action|steps?)\s+(?:was|were|had\s+been)\s+taken\b|\b(?:did|done)\s+nothing\b|\btook\s+no\s+action\b)",
        r"(?P<words>\bdespite\s+(?:(?:having\s+been|being|having)\s+)?(?:clearly\s+)?(?:aware|knowing|known|warned|told|instructed|(?:\w+\s+)?(?:warnings?|instructions?|reminders?))\b)",
    ),
    form(
        "without",
        r"^(?:(?!\b(?:can|could|should|must|will|would|may|might|never|not|cannot|able|possible|easy|shall)\b|n['’]t\b).)*?(?P<words>\bwithout\s+(?:(?:first|properly|adequately|sufficiently|ever|proper|sufficient|adequate|due|enough|any|much|being|having|doing|even|actually|too)\s+){0,3}(?:testing|tested|checking|verifying|verified|verification|reviewing|reviewed|reading|asking|considering|consideration|notifying|informing|telling|consulting|warning|thinking|coordinating|confirming|communication|communicating|approval|investigation|research|analysis|realizing|realising|thought)\b)",
    ),
    form(
        "blame fault responsible guilty culprit",
        rf"(?<!thing )(?P<words>{PERSON}\s+(?:(?:am|is|are|was|were)\s+)(?:(?:\w+ly|also|solely)\s+)?(?:to\s+blame|at\s+fault|responsible\s+for\s+(?:the|this|that)\s+(?:outage|incident|failure|mistake|error|problem|issue|breakage|bug)|guilty|the\s+culprit)\b)(?!\?)",
        r"(?P<words>\b(?:fault|blame)\s+(?:of|lies\s+with|lay\s+with|is\s+on|falls\s+on|rests\s+with)\s+(?:the\s+)?(?:\w+\s+)?(?:engineer|developer|team|operator|admin|person|us|me|him|her|them|management)\w*)",
        r"(?P<words>\b(?:is|was|entirely|all|it['’]s)\s+(?:all\s+|entirely\s+)?(?:my|our|his|her|their|your|the\s+\w+['’]s)\s+(?:own\s+)?fault\b)",
    ),
)

CARE = (
    form(
        "careless negligen slopp lazi incompet inattent reckless irrespons unprofess stupid foolish thoughtless complacen lackada slapdash cavalier half-hearted half_hearted halfhearted heedless absent short ill- unwise inadvis inexcus imprud misguided rookie amateurish lax clums overconfid over-relian overrelian",
        r"(?P<words>\b(?:careless(?:ly|ness)?|negligen(?:t|ce|tly)|sloppy|sloppily|sloppiness|laziness|incompeten\w+|inattenti\w+|reckless\w*|irresponsib\w+|unprofessional\w*|stupid\w*|foolish\w*|thoughtless\w*|complacen\w+|lackadaisical|slapdash|cavalier|half-?hearted\w*|heedless\w*|absent-?minded\w*|short-?sighted\w*|ill-(?:advised|considered|judged|conceived)|unwise\w*|inadvisable|inexcusable|imprudent|misguided|rookie|amateurish|lax|clumsy|clumsily|overconfiden\w+|over-?reliance)\b)",
    ),
    form(
        "lazy dumb naive naïve hast distracted impatient hurr blindly rush prematurely",
        rf"(?P<words>\b(?:was|were|been|be|too|being|got|so|{PERSON})\s+(?:a\s+(?:bit|little)\s+|too\s+|so\s+|rather\s+)?(?:lazy|dumb|naive|naïve|hasty|distracted|impatient)\b)(?!\s+(?:load|eval|init))",
        r"(?P<words>\b(?:hastily|hurriedly|in\s+(?:too\s+much\s+)?haste|in\s+(?:such\s+)?a\s+(?:rush|hurry)|too\s+hastily|naively|naïvely|blindly)\b(?:\s+\w+)?)",
        rf"(?P<words>(?:{PERSON}|\b(?:was|were|been|got|being|be))\s+{ADVERB}rushed\b|\brush(?:ed|ing)\s+(?:(?:to|into|out|the|a|this|it|through|ahead)\b))",
        r"(?P<words>(?:\bnot|n['’]t|\bavoid|\bnever)\s+(?:to\s+)?rush(?:ing)?\b|\bmore\s+haste\b)",
        r"(?P<words>\b(?:put|pushed|released|deployed|shipped|launched|rolled\s+out|declared|resolved|marked|merged|announced|promoted|run|executed|applied|started|went|go|moved|brought|taken)\b[^.;]{0,40}\bprematurely\b|\bprematurely\s+(?:put|pushed|released|deployed|shipped|launched|rolled|declared|resolved|marked|merged|announced|promoted))",
    ),
    form(
        "care attent aware cauti vigilan diligen disciplin rigo thorough mindful consci cogniz thought considerate more_alert heed sense foresight pruden professional",
        r"(?P<words>\b(?:lack(?:ed|ing)?(?:\s+of|\s+in)?|not\s+enough|insufficient|too\s+little|with\s+no|without\s+(?:due|proper|enough|sufficient|adequate|much|taking|paying))\s+(?:(?:due|proper|enough|sufficient|adequate|any|much|careful|basic)\s+)?(?:care|attention|diligence|discipline|caution|vigilance|thoroughness|rigou?r|common\s+sense|foresight|prudence|thought|attentiveness|professionalism)\b)(?!\s+(?:to\s+)?(?:provid|group))",
        r"(?P<words>(?:\bnot|n['’]t|\binsufficiently|\bwithout\s+being|\bless\s+than)\s+(?:(?:being|been|very|as|quite|sufficiently|particularly)\s+){0,2}(?:careful|thorough|cautious|diligent|attentive|vigilant|rigorous|meticulous)\b(?:\s+enough)?)",
        r"(?P<words>\b(?:be|been)\s+(?:(?:more|extra|very|especially|particularly|far|much|a\s+bit|a\s+little|really|always|better)\s+){0,2}(?:careful|cautious|vigilant|attentive|diligent|mindful|disciplined|conscientious)\b)",
        r"(?P<words>\b(?:be|been|become|being|are|were)\s+(?:(?:far|much|a\s+bit|a\s+little|even)\s+)?more\s+(?:aware|thorough|rigorous|alert|considerate|thoughtful|cognizant|conscious|careful|cautious|diligent)\b)",
        r"(?P<words>\b(?:more\s+care(?:fully)?|more\s+(?:cautiously|diligently|attentively|thoughtfully)|greater\s+care|extra\s+care(?:ful)?|better\s+care|more\s+caution)\b)",
        r"(?P<words>\b(?:pay|paid|paying|gave|given|give)\s+(?:(?:much|far|more|better|closer|close|enough|special|extra|no|little|sufficient|proper|any|particular|greater)\s+){1,2}(?:attention|care|heed)\b|\battention\s+to\s+detail\b|\b(?:not|n['’]t)\s+(?:really\s+|fully\s+)?paying\s+attention\b)",
        r"(?P<words>\b(?:take|taken|taking|took|exercise|exercised)\s+(?:(?:more|better|greater|extra|special|enough|due|particular|great|proper|sufficient)\s+)(?:care|caution)\b|\b(?:exercise|use)\s+caution\b|\btake\s+care\s+(?:to|not|when|that|with)\b)",
    ),
    form(
        "poor bad terrible questionable dubious flawed wrong judgment judgement",
        r"(?P<words>\b(?:poor|bad|terrible|questionable|dubious|flawed)\s+(?:[\w-]+\s+)?(?:strategy|judge?ment|decisions?|decision-making|planning|discipline|choices?|practices?|workmanship|idea|call|thinking|foresight|preparation)\b)",
        r"(?P<words>\bwrong\s+(?:decision|choice|call|thing\s+to\s+do|judge?ment)s?\b|\berrors?\s+(?:of|in)\s+judge?ment\b)",
    ),
)
