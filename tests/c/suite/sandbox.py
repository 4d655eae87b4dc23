"""A sandbox process for one test program."""

import json
import os
import subprocess
import urllib.request

from project import TARGET, Failed


class Sandbox:
    """Runs `hwm-sandbox` with a configuration while in use."""

    def __init__(self, config=None):
        binary = TARGET / "debug" / "hwm-sandbox"
        command = [str(binary), "--config", json.dumps(config or {})]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        line = self.process.stdout.readline()
        if not line:
            raise Failed(f"{' '.join(command)} did not start")
        self.ready = json.loads(line)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(timeout=30)
        self.process.stdout.close()

    def environment(self, **more):
        """The environment of a test program: where the sandbox is."""
        told = {f"SANDBOX_{key.upper()}": self.ready[key] for key in ("url", "control", "token")}
        if self.ready.get("ca_file"):
            told["SANDBOX_CA"] = self.ready["ca_file"]
        clean = {
            key: value
            for key, value in os.environ.items()
            if not key.startswith("HWM_") and not key.lower().endswith("_proxy")
        }
        return {**clean, **told, **more}

    def get(self, path):
        """What the control API says."""
        with urllib.request.urlopen(self.ready["control"] + path, timeout=30) as answer:
            return json.load(answer)
