// Said in one line, before anything of the project is loaded: an older Node.js fails in the middle of @pulumi/pulumi with a stack trace.
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 19)) {
  console.error(
    `This project needs Node.js 22.19 or newer; this is ${process.versions.node}. \`npm ci\` brings one along, unless it is told to ignore scripts: run \`npm ci --ignore-scripts=false\`.`,
  );
  process.exit(1);
}
