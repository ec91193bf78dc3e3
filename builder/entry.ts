/**
 * Where the bundle starts. Each command loads only what it needs: a build waits for `fetch-context`.
 *   (none)          the service
 *   fetch-context   what a build's init container runs
 */
async function start([command, ...more]: readonly string[]): Promise<void> {
  if (command === undefined) {
    const { main } = await import("./main.js");
    await main();
  } else if (command === "fetch-context" && more.length === 0) {
    const { fetchContextAsAsked } = await import("./context/fetchContextAsAsked.js");
    await fetchContextAsAsked(process.env);
  } else {
    throw new Error(
      `${[command, ...more].join(" ")} is no command; there is fetch-context, or none for the service`,
    );
  }
}

start(process.argv.slice(2)).catch((error: unknown) => {
  console.error((error as Error).message);
  process.exitCode = 1;
});
