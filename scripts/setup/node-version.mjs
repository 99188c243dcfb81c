// Imports nothing, so that it loads on any Node that knows ES modules and can say what is wrong.

/** The oldest Node that can run the set-up; everything after it runs on the Node 24 that the set-up installs. */
const OLDEST = { major: 20, minor: 19 };

/**
 * @param {string} version without the leading v, e.g. `18.20.8`
 * @returns {string | undefined} the sentence to print, undefined when the version will do
 */
export function tooOld(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const fits = major > OLDEST.major || (major === OLDEST.major && minor >= OLDEST.minor);
  return fits ? undefined : `Node ${version} is too old: ${OLDEST.major}.${OLDEST.minor} or newer, please.`;
}

/** Ends the process with one sentence when this Node cannot run the set-up. Call it before any other import. */
export function refuseOldNode() {
  const sentence = tooOld(process.versions.node);
  if (!sentence) return;
  console.error(sentence);
  process.exit(1);
}
