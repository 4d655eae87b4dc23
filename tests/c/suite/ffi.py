def run(score): pass
