"""The wordings of headings that are known, measured on real postmortems; one table, so that adding one is one word."""

WORDINGS: dict[str, str] = {
    "timeline": (
        "timeline|time line|timeline of events|timeline of the incident|incident timeline|chronology"
        "|sequence of events|events|event log|log of events|timeline of incident|follow-up timeline"
        "|followup timeline|what happened when"
        "|zeitleiste|zeitlicher ablauf|zeitverlauf|ablauf|chronologie"
    ),
    "actions": (
        "action items|action item|actions|follow-up|follow-ups|followup|followups|follow up|follow ups"
        "|follow-up tasks|follow-up items|follow-up actions|follow-up improvements|followup improvements"
        "|follow-up action items|next steps|corrective actions|corrective action|corrective actions with owners"
        "|preventive actions|preventative actions|remediation items|remediation actions|todo|todos|to do|to-do"
        "|to dos|tasks|action points|actions taken and planned|improvement actions|resulting action"
        "|resulting actions|follow-through|action plan|corrective and preventive actions|planned actions"
        "|recommendations and next steps|improvements|follow on actions|future actions"
        "|action items and follow-ups|repair items|immediate actions|remediations|action items and next steps"
        "|actions items|action list|follow-up work|future work"
        "|massnahmen|massnahme|folgemassnahmen|naechste schritte|aufgaben"
    ),
    "whys": ("five whys|5 whys|five whys analysis|5 whys analysis|five why|5 why|the five whys|the 5 whys|whys"),
    "attendees": (
        "attendees|participants|people involved|involved|authors|author|present|responders|incident team|team"
        "|owner|owners|incident commander|people|who was involved|postmortem attendees|reviewers|contributors"
        "|beteiligte|teilnehmer"
    ),
    "stats": (
        "stats|statistics|metadata|metrics|facts|incident facts|details of the incident|incident metadata|key metrics"
    ),
    "summary": (
        "summary|issue summary|executive summary|overview|incident summary|tldr|tl;dr|abstract|in short"
        "|at a glance|quick summary|brief summary|high level summary|summary of the incident|postmortem summary"
        "|outline"
        "|zusammenfassung|kurzfassung|ueberblick"
    ),
    "what_broke": (
        "what happened|what broke|what went down|description|problem|problem description|issue|issue description"
        "|the issue|incident description|details|fault|the incident|incident|problem statement|symptoms|failure"
        "|what was broken|what failed"
    ),
    "who_was_affected": (
        "impact|customer impact|user impact|users affected|who was affected|affected|affected users"
        "|affected customers|scope|business impact|impact and scope|affected services|impact on users|effects"
        "|effect|blast radius|affected systems|what was the impact|damage|risks and hazards|who was impacted"
        "|impact summary|impact assessment"
        "|auswirkung|auswirkungen|betroffene"
    ),
    "root_causes": (
        "root cause|root causes|cause|causes|root cause analysis|rca|blameless root cause|trigger|triggers"
        "|root causes and trigger|root cause and trigger|why did it happen|why|cause of the problem"
        "|underlying cause|underlying causes|cause of the incident|the root cause|root cause of the outage"
        "|root cause of the incident|technical cause|what caused it|analysis of root cause|proximate cause"
        "|what was the root cause|root cause summary|why did this happen|the cause|what caused the incident"
        "|ursache|ursachen|grundursache"
    ),
    "contributing_factors": (
        "contributing factors|contributing factor|contributing causes|contributors to the incident|other factors"
        "|contributing factors findings|aggravating factors|contributing conditions|factors"
        "|beguenstigende faktoren|beitragende faktoren"
    ),
    "what_alerted_us": (
        "detection|what alerted us|how did we detect it|how was it detected|how did we detect"
        "|how was the incident detected|how did we find out|alert|discovery|how we noticed|detection method"
        "|how was the event detected|how it was detected"
        "|erkennung|entdeckung"
    ),
    "time_to_know": "time to know|time to detect|time to detection|time to detect it|how long until we knew",
    "right_people": (
        "right people|were the right people notified|notification|notifications|escalation|who was notified"
    ),
    "worked_well": (
        "what went well|what worked well|what worked|things that went well|went well|what went right"
        "|things that worked|positives|what did go well|good|the good|what we did well|successes"
        "|was gut lief|was lief gut"
    ),
    "slow_or_confusing": (
        "what went wrong|what went poorly|things that went poorly|things that went wrong|what didn't go well"
        "|what didn't go so well|what did not go well|what could have gone better|what could be improved"
        "|what could have been better|what was slow or confusing|slow or confusing|went wrong|negatives|the bad"
        "|what went badly|things that could have gone better|what can be improved|what went less well"
        "|difficulties|challenges|what didn't work|what did not work"
        "|was schlecht lief|was lief schlecht"
    ),
    "information": ("information|did we have the information we needed|information we needed|missing information"),
    "lucky": (
        "where we got lucky|lucky|luck|where did we get lucky|got lucky|what went lucky|we got lucky|how we got lucky"
    ),
    "prevent_code": "prevent code|code changes|prevention code|code",
    "prevent_architecture": "prevent architecture|prevention architecture|architecture|architecture changes",
    "prevent_process": (
        "prevent process|prevention|preventions|preventive measures|preventative measures"
        "|corrective and preventative measure|corrective and preventative measures"
        "|corrective and preventive measures|corrective measures|how can we prevent it|how do we prevent this"
        "|preventing recurrence|prevention of recurrence|recommendations|recommendation|process"
        "|how can we prevent this|future prevention|what can we do to prevent it|mitigation and prevention"
    ),
    "detect_monitoring": "detect monitoring|monitoring",
    "detect_alerting": "detect alerting|alerting|alerts",
    "detect_on_call": "detect on-call|on-call practices|on-call|on call|detect on-call practices",
    "recover_runbooks": "recover runbooks|runbooks|runbook|playbooks",
    "recover_tools": "recover tools|tools|tooling",
    "recover_communication": (
        "recover communication|communication|communications|communication and status updates|external communication"
    ),
    "resolution": (
        "resolution|recovery|resolution and recovery|mitigation|how was it resolved|how did we fix it|fix|the fix"
        "|response|remediation|solution|workaround|restoration|service restoration|mitigations|how we fixed it"
        "|mitigation and resolution|response and recovery|resolution summary|how did we resolve it"
        "|response and resolution|immediate fix|incident response|how did we respond|how we responded|what we did"
        "|behebung|loesung|wiederherstellung"
    ),
    "background": (
        "background|context|leadup|lead up|lead-up|background and context|background information|prelude"
        "|prior state|system overview|glossary"
        "|hintergrund"
    ),
    "notes": "",
}
"""Small letters, no punctuation, by the question key or part they mean; alternatives between bars."""
