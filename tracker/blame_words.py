"""The words that the forms of blame and hindsight are made of: who acts, what is a duty, what would have been better.

Each is the inside of a pattern, complete by reasoning (a thesaurus of the thing meant), not by what one text says.
"""
# ruff: noqa: E501  a list of words that is cut in many lines is harder to read

SINGLE_ROLES = (
    "engineer|developer|dev|programmer|coder|admin|administrator|sysadmin|person|colleague|coworker|co-worker|intern|contractor"
    "|consultant|freelancer|responder|reviewer|maintainer|manager|lead|member|author|employee|technician|analyst|architect"
    "|tester|dba|sre|contributor|committer|owner|individual|human|volunteer|moderator|supervisor|director|on-?call|on-?caller"
    "|somebody else|someone else|newcomer|trainee|teammate|guy|commander|shift|student|researcher"
)
GROUPS = (
    "team|teams|group|squad|crew|staff|people|folks|management|leadership|department|organi[sz]ation|company|devops|support|qa"
    "|ops|security|operations|engineering|community|developers|engineers|programmers|admins|administrators|reviewers|responders"
    "|maintainers|managers|members|authors|employees|contractors|colleagues|owners|analysts|architects|testers|dbas|sres"
    "|contributors|volunteers|moderators|humans|leads|interns|technicians|consultants|persons|individuals|operators"
)
ROLE = (
    rf"(?:(?:the|an?|our|one|another|his|her|their|this|that|some|every|each|no)\s+)?(?:[\w&-]+\s+)?\b(?:{SINGLE_ROLES}|{GROUPS})"
    r"(?:\s+on\s+(?:call|duty|shift))?"
)
NOBODY = r"(?:nobody|no\s*-?one|none\s+of\s+(?:us|them|the\s+\w+))"
SOMEBODY = (
    r"(?:some(?:body|one)|(?:every|any)(?:body|one)|(?:both|all|some|many|most|few|one|two|several)\s+of\s+(?:us|them))"
)
PRONOUN = rf"(?:I|we|he|she|you|{NOBODY}|{SOMEBODY})"
NAMED = r"@[\w-]+"
PERSON = rf"(?<![\w'’])(?:{PRONOUN}|they|{NAMED}|{ROLE})"
OTHERS = rf"(?<![\w'’])(?:he|she|they|{SOMEBODY}|{NAMED}|{ROLE})"
"""A person or a group that is not the writer."""

ADVERB = (
    r"(?:(?:had|has|have|was|were|also|then|just|simply|again|really|all|both|even|still|clearly|obviously|initially|completely|somehow"
    r"|unfortunately|sadly|entirely|totally|\w{2,}ly|at\s+first|once\s+again|yet\s+again)\s+){0,3}"
)
NEGATION = r"(?:did(?:\s+not|n['’]?t)|never|had(?:\s+not|n['’]t)(?:\s+(?:yet|been))?|didn['’]?t)"
DEGREE = r"(?:(?:properly|adequately|sufficiently|fully|thoroughly|correctly|carefully|even|ever|actually|really|first|explicitly|always|enough|\w+ly)\s+)?"

DUTY = (
    r"(?:(?:double-?|cross-?)?check(?:ed)?|test(?:ed)?|verif(?:y|ied)|review(?:ed)?|read|follow(?:ed)?|ask(?:ed)?|tell|told"
    r"|inform(?:ed)?|notif(?:y|ied)|warn(?:ed)?|communicat(?:e|ed)|document(?:ed)?|plan(?:ned)?|consider(?:ed)?|bother(?:ed)?"
    r"|coordinat(?:e|ed)|escalat(?:e|ed)|announc(?:e|ed)|consult(?:ed)?|confirm(?:ed)?|investigat(?:e|ed)|ensur(?:e|ed)|respond(?:ed)?"
    r"|mention(?:ed)?|involv(?:e|ed)|questioned|prepar(?:e|ed)|account(?:ed)?\s+for|look(?:ed)?\s+(?:at|into|up|closely|for)"
    r"|(?:think|thought)\s+(?:to|of|about|through|ahead|it|this)|(?:pay|paid)\s+\w*\s*attention|(?:take|taken?)\s+(?:\w+\s+){0,3}?"
    r"(?:care|seriously|into\s+account|action|the\s+time)|ma[dk]e\s+sure|care\b|act\s+on|acted\s+on|remember(?:ed)?|learn(?:ed)?\s+from|adopt(?:ed)?|spend\s+enough|(?:give|put|do|allow|devote)\s+(?:\w+\s+){0,2}enough|(?:start|begin)\s+(?:to\s+)?(?:look|investigat|test|check|communicat)\w*)"
)
"""What a person can be held to do: without an object, because a thing does not plan, ask or tell."""

DUTY_DONE = (
    r"(?:tested|reviewed|verified|documented|communicated|considered|followed|planned|announced|thought\s+(?:of|about|through)|investigated|examined|looked\s+(?:at|into)|followed\s+up|prioriti[sz]ed|questioned|informed|told"
    r"|notified|consulted|coordinated|discussed|escalated|rehearsed|double-?checked|checked\s+(?:before|for|first|by|in)|taken\s+(?:seriously|into\s+account))"
)
NOTICED = r"(?:notic(?:e|ed|es)|reali[sz](?:e|ed|es)|spot(?:ted)?|caught|catch|observed?|saw|see|recogni[sz]ed?|understood|understand|know)"
CLOCK_OF_DUTY = r"(?:watch(?:ed|ing)|monitor(?:ed|ing)|look(?:ed|ing)|paying|paid|check(?:ed|ing)|listening|acted|responded|reacted|picked|followed)"

THINGS = (
    r"(?:change|changes|commit|pr|patch|release|update|upgrade|script|scripts|code|job|jobs|query|server|servers|service|services|system"
    r"|systems|process|processes|tool|tools|test|tests|check|checks|alert|alerts|alarm|alarms|monitor|monitoring|pipeline|pipelines|pod"
    r"|pods|node|nodes|cluster|database|config|configuration|setting|settings|migration|deployment|deploy|deploys|bug|automation|bot"
    r"|analysis|logic|function|method|api|client|clients|parser|compiler|scheduler|controller|daemon|agent|proxy|validator|library"
    r"|package|version|rule|rules|policy|fix|refactor|refactoring|rollback|rollout|command|build|ci|it|which|that|this|users|customers"
    r"|and|or|request|requests|attempt|attempts|device|devices|host|hosts|vm|vms|container|containers|browser|app|application)"
)

ACT = (
    r"(?:delet|remov|merg|push|deploy|releas|publish|chang|modif|updat|upgrad|overwr|disabl|enabl|appl|trigger|execut|runn?|revert|revok|reset"
    r"|restart|shut|drop|truncat|wip|clos|open|expos|leak|shar|sen[dt]|set|commit|creat|add|includ|exclud|omitt?|leav|left|put|cut|tak|took"
    r"|click|select|typ|enter|press|copi|copy|past|edit|renam|mov|swap|switch|turn|start|stopp?|kill|terminat|install|configur|introduc"
    r"|broke|break|los|grant|check|ran\b|cancel|delis|unplug|disconnect|assign|bill|charg|mark|label|block|banned|bann|ship|roll|let\b|cleared|clear)"
)
ACT_NOUN = (
    r"(?:delet(?:e|ion)|destroy|wipe|kill|removal|execution|run|merge|push|commit|deploy(?:ment)?|release|change|changes|update|upgrade|publication|trigger(?:ing)?"
    r"|restart|shutdown|modification|click|revert|reversion|reset|drop|truncation|exposure|leak|disclosure|overwrite|overwriting|rename|revocation"
    r"|cancellation|activation|deactivation|disconnection|omission|termination|reboot|edit|paste|send|destruction|disabling|enabling)"
)

BETTER = (
    r"(?:better|faster|quicker|sooner|earlier|easier|smoother|simpler|shorter|smaller|safer|clearer|cheaper|wiser|nicer|milder|less(?:er)?|more\s+(?:quickly|easily"
    r"|smoothly|efficient\w*|effective\w*|prompt\w*|robust|resilient|careful\w*|proactive\w*|visible|obvious|rapid\w*)|fewer|right\s+away|immediately|straight\s?away"
    r"|in\s+time|ahead\s+of\s+time|beforehand|before(?:hand)?)"
)
MEND = (
    r"(?:help\w*|prevent\w*|avoid\w*|mitigat\w*|avert\w*|caught|catch|detect\w*|discover\w*|notic\w*|identif\w*|reveal\w*|expos\w*|surfac\w*|flagg?\w*|alert\w*"
    r"|warn\w*|shorten\w*|reduc\w*|lessen\w*|minimi[sz]\w*|limit\w*|contain\w*|sav\w*|spared?|isolat\w*|eas(?:ed|e)\b|sped|accelerat\w*|improv\w*|allow\w*"
    r"|enabl\w*|ma[dk]e\s+(?:it|this|that|us|things|\w+ing|the\s+\w+)|given\s+us|let\s+us|bought\s+us|shown\s+us|told\s+us|pointed|stopp?\w*|block\w*|protect\w*|spott?\w*|lowered|decreased"
    r"|benefit\w*|served|cut\s+down|simplified|uncovered|softened|halved|guarded|saved|led\s+(?:us|me|the\s+team)|prompted\s+(?:us|me|the\s+team)|picked\s+(?:it|this|that)?\s*up|highlighted|brought\s+(?:it|this|us)|clarified)"
)
WELCOME = (
    r"(?:useful|helpful|nice|ideal|good|great|beneficial|wise|prudent|preferable|desirable|valuable|handled|done|deployed|communicated|tested|checked|known"
    r"|noticed|seen\s+(?:earlier|before|sooner)|rolled\s+back|reverted|easily|quickly|easy|fixed|resolved|restored|triggered\s+(?:earlier|sooner)|clear(?:er)?|alerted"
    r"|reviewed|escalated|found|announced|informed|notified|planned|available|prepared|ready|proactive|used\s+instead|more\s+\w+)"
)
HARM = (
    r"(?:happen\w*|occurr?\w*|broken?|brok\w*|fail\w*|gone\s+(?:down|wrong|unnoticed|off)|caus\w*|result\w*|been\s+(?:an?\s+(?:\w+\s+)?(?:issue|problem|outage|incident)"
    r"|necessary|needed|possible(?!\s+without)|affected|impacted|hit|down|lost|caused|so|as\s+\w+|this|triggered)|led|lost|had\s+(?:an?|any|this|the|such|so|as)|taken\s+(?:so|as|this|that)|needed"
    r"|experienced|gotten|crash\w*|run\s+(?:out|into)|spread|escalated|impacted|affected|suffered|missed|noticed\s+so)"
)
WORSE = r"(?:would(?:n['’]t|\s+not)\s+have\s+(?:helped|mattered|made|been\s+(?:enough|sufficient|especially|any|particularly)|prevented|changed|caught)|worse|longer|more\s+severe|screwed|catastroph\w*|disast\w*|lost\s+(?:data|all)|greater\s+impact|bigger\s+impact|much\s+harder|unrecoverable)"
PARTICIPLE = (
    r"(?:\w{2,}ed|been|had|done|known|seen|caught|told|gone|given|taken|made|found|run|set|put|kept|held|read|sent|thought|written|come|begun|built|brought"
    r"|chosen|left|lost|met|shown|spoken|taught|understood|asked|rolled|paid|let|cut|shut|drawn|split|got|gotten|started)"
)
OWED = (
    r"(?:(?:double-?)?checked|tested|verified|validated|reviewed|noticed|spotted|seen|known|considered|anticipated|foreseen|predicted|expected|planned|prevented|avoided|done|made|taken"
    r"|handled|addressed|fixed|reverted|rolled\s+(?:back|out)|deployed|released|shipped|merged|rushed|upgraded|changed|configured|disabled|enabled|documented|communicated|informed|notified"
    r"|told|asked|consulted|involved|escalated|announced|declared|raised|paged|alerted|monitored|tracked|investigated|used|written|put|kept|left|allowed|given|approved|rejected|postponed"
    r"|delayed|coordinated|discussed|agreed|understood|followed|learn(?:ed|t)|prioriti[sz]ed|automated|implemented|built|designed|provisioned|replaced|rotated|renewed|clean(?:ed)?|caught|detected"
    r"|performed|carried\s+out|run|reported|mentioned|identified|recogni[sz]ed|questioned|protected|restricted|limited|clear(?:er)?|obvious|more|better|in\s+place|part\s+of|there|turned|tried|invited|granted|stopped"
    r"|brought|looked|thought|treated|assigned|scoped|separated|isolated|included|set\s+up|on\s+call|aware|ready|careful)"
)
"""What somebody owed to do, in a passive: what a machine does by itself (restarted, routed, received) is not in it."""
MISSED_ACT = (
    r"(?:tested|verified|reviewed|(?:double-?)?checked|documented|communicated|informed|notified|told|asked|consulted|escalated|announced|declared|raised|paged|monitored|automated|implemented|built|designed"
    r"|rolled\s+(?:back|out)|reverted|deployed|merged|cherry-?picked|included|added|coordinated|prioriti[sz]ed|addressed|configured|provisioned|replaced|rotated|renewed|separated|isolated|disabled|tuned|increased|scheduled|postponed|used|started|run)"
)
"""What could have been done and was not, where no better outcome is named."""
