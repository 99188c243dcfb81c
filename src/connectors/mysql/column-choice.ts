/** Which columns of a table are copied: globs in order, `!` excludes. */

/** True when the last matching glob includes the name; nothing is included until a glob says so. */
export function isChosen(name: string, globs: readonly string[]): boolean {
  let chosen = false;
  for (const glob of globs) {
    const excludes = glob.startsWith('!');
    if (matches(name, excludes ? glob.slice(1) : glob)) chosen = !excludes;
  }
  return chosen;
}

/** `*` any characters, `?` one; everything else is itself. Linear in time: no regular expression is made. */
function matches(name: string, glob: string): boolean {
  let at = 0;
  let star = -1;
  let resumeAt = 0;
  for (let position = 0; position < name.length; ) {
    if (glob[at] === '*') {
      star = at;
      at += 1;
      resumeAt = position;
    } else if (at < glob.length && (glob[at] === '?' || glob[at] === name[position])) {
      at += 1;
      position += 1;
    } else if (star >= 0) {
      at = star + 1;
      resumeAt += 1;
      position = resumeAt;
    } else {
      return false;
    }
  }
  return [...glob.slice(at)].every((each) => each === '*');
}
