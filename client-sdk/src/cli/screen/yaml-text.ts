const PLAIN = /^[A-Za-z_]\w*$/;
/** Words that some parsers read as a truth value or as nothing. */
const OTHER_THAN_TEXT = /^(?:y|n|yes|no|on|off|true|false|null)$/i;

/** A value of JSON as YAML: blocks indented by two spaces, and everything that is no block as JSON has it. */
export function yamlText(value: unknown): string {
  return yamlLines(value).join('\n');
}

function yamlLines(value: unknown): string[] {
  if (Array.isArray(value) && value.length > 0) {
    return value.flatMap((item) =>
      yamlLines(item).map((line, index) => `${index === 0 ? '- ' : '  '}${line}`),
    );
  }
  if (typeof value !== 'object' || value === null || Object.keys(value).length === 0) {
    return [JSON.stringify(value)];
  }
  return Object.entries(value).flatMap(([key, field]: [string, unknown]) => {
    const lines = yamlLines(field);
    const isBlock = typeof field === 'object' && field !== null && Object.keys(field).length > 0;
    const name = PLAIN.test(key) && !OTHER_THAN_TEXT.test(key) ? key : JSON.stringify(key);
    return isBlock ? [`${name}:`, ...lines.map((line) => `  ${line}`)] : [`${name}: ${lines.join('')}`];
  });
}
