def doxygen(score): pass
def miri(score): pass
