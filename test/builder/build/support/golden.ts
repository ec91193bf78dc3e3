import { COMPILE_FROM_BYTES } from "../../../../builder/build/dockerfile/python";
import type { Language } from "../../../../contract/function/spec";

export const HASHED = `six==1.17.0 --hash=sha256:${"a".repeat(64)}\n`;
export const ASKS = '{"dependencies": {"lodash": "4.18.1"}}';
export const GO = "package fn\n\nfunc Handler(data map[string]any) (any, error) { return data, nil }\n";
const GO_MOD = "module example.com/fn\n\ngo 1.24.0\n\nrequire github.com/google/uuid v1.6.0\n";
const LARGE = "x = 1\n".repeat(COMPILE_FROM_BYTES / 6 + 1);

/** A source of each kind that makes its Dockerfile another. */
export const GOLDEN: Record<string, [language: Language, files: Record<string, string>]> = {
  "python-plain": ["python", { "main.py": "" }],
  "python-locked": [
    "python",
    { "main.py": "", "requirements.txt": "six==1.17.0\n-c c.txt\n", "c.txt": "a==1\n" },
  ],
  "python-hashes": ["python", { "main.py": "", "requirements.txt": HASHED }],
  "python-own-framework": ["python", { "main.py": "", "requirements.txt": "functions_framework==3.9.0\n" }],
  "python-local": ["python", { "main.py": "", "requirements.txt": "-e .\n" }],
  "python-large": ["python", { "main.py": LARGE }],
  "nodejs-plain": ["nodejs", { "index.js": "" }],
  "nodejs-locked": [
    "nodejs",
    { "index.js": "", "package.json": ASKS, "package-lock.json": "{}", ".npmrc": "" },
  ],
  "nodejs-ranges": ["nodejs", { "index.mjs": "", "package.json": ASKS }],
  "nodejs-local": ["nodejs", { "index.js": "", "package.json": '{"dependencies": {"mine": "file:./lib"}}' }],
  "go-plain": ["go", { "main.go": GO.replace("package fn", "package main") }],
  "go-locked": ["go", { "fn.go": GO, "go.mod": GO_MOD, "go.sum": "x\n" }],
  "go-local": ["go", { "fn.go": GO, "go.mod": `${GO_MOD}replace example.com/a => ./a\n` }],
  "go-program": [
    "go",
    { "main.go": "package main\n\nfunc main() {}\n", "go.mod": "module example.com/fn\n" },
  ],
};
