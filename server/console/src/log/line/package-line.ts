/** What a machine puts before a line of a job: `(setup pid=12) `, `(head, rank=0, pid=7, ip=10.0.0.2) `. */
const JOB_PREFIX = /^\s*\([^()]{1,200}\) ?/;
/** A line of an install longer than this is a summary or a message that somebody wants to read. */
const LINE_MAX_CHARACTERS = 240;

/** uv and pip freeze: `+ torch==2.9.0`, `~ numpy==2.1`, `torch==2.9.0`. */
const PINNED = /^\s*(?:[+\-~] )?[A-Za-z0-9][\w.-]*(?:\[[\w,-]+\])?==[\w.!+]+/;
/** npm and conda: `added left-pad@1.3.0`, `+ torch@2.9.0`. */
const AT_VERSION = /(?:^|\s)@?[\w./-]+@\d+\.\d+(?:\.\d+)?(?:[-+][\w.+-]+)?\s*$/;
/** A file of a package: `torch-2.9.0-cp312-none-any.whl`, `libssl3_3.0.2_amd64.deb`. */
const PACKAGE_FILE = /\S[-_]v?\d[\w.+~-]*\.(?:whl|deb|rpm|conda|tar\.(?:gz|bz2|xz)|tgz|zip|apk|crate)\b/;
/** A layer of an image: `4f4fb700ef54: Pull complete`. */
const IMAGE_LAYER = /^\s*[0-9a-f]{12}: [A-Z]/;
/** The words with which package managers begin a line about one package. They refine the shapes above. */
const VERB =
  /^\s*(?:Collecting|Downloading|Downloaded|Obtaining|Fetching|Fetched|Using cached|Requirement already satisfied:|Attempting uninstall|Found existing installation|Uninstalling|Successfully uninstalled|Building wheel|Built|Created wheel|Stored in directory|Preparing to unpack|Selecting previously unselected package|Unpacking|Setting up|Processing triggers for|Extracting|Linking|Installing *:|Inst|Conf|Get:\d+|Hit:\d+|Ign:\d+) \S/;

/** Whether a line is one of the many that a package manager prints about one package each. */
export function isPackageLine(text: string): boolean {
  if (text.length > LINE_MAX_CHARACTERS) return false;
  const bare = text.replace(JOB_PREFIX, '');
  return [PINNED, AT_VERSION, PACKAGE_FILE, IMAGE_LAYER, VERB].some((shape) => shape.test(bare));
}
