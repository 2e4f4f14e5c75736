"""Words that stand in every incident, so that sharing them means nothing."""

WORDS = """
    a about above after again all also am an and any apr april are as at aug august be because been before being
    below between both but by can cest cet com could day days dec december did do does doing done down due during
    each edt eg est etc feb february few for fri friday from further gmt had has have having he her here hers him
    his hour hours how however html http https ie if in incident incidents into investigate investigated
    investigating is issue issues it its itself jan january jul july jun june just let mar march may me might min
    mins minute minutes mon monday more most must my no nor not nov november now oct october of off on once only or
    org other our ours out over own pdt per please pm problem problems pst resolve resolved same sat saturday sep
    sept september she should since so some still such sun sunday than that the their theirs them then there these
    they this those through thu thursday time times to today too tue tuesday under until up upon us use used using
    utc very via was we wed wednesday week weeks were what when where which while who whom why will with within
    without would www yesterday yet you your yours
"""
STOP_WORDS = frozenset(WORDS.split())
