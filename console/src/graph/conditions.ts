/** A condition in few words, as an edge's label: `$.tries > 5`. Both languages spell the same comparisons, one with capitals. */

import { isObject, type Json } from "../api/json";

const SIGNS: Record<string, string> = { equals: "=", greaterthan: ">", greaterthanequals: "≥", lessthan: "<", lessthanequals: "≤", matches: "~" };
const IS: Record<string, string> = {
  isboolean: "is a boolean", isnull: "is null", isnumeric: "is a number", ispresent: "is there", isstring: "is a text", istimestamp: "is a time",
};

export function conditionText(condition: Json): string {
  if (!isObject(condition)) return "";
  const fields = Object.fromEntries(Object.entries(condition).map(([name, value]) => [name.toLowerCase(), value]));
  if (typeof fields.condition === "string") return fields.condition.replace(/^\{%\s*|\s*%\}$/g, "");
  if (Array.isArray(fields.and)) return fields.and.map(conditionText).join(" and ");
  if (Array.isArray(fields.or)) return fields.or.map(conditionText).join(" or ");
  if (fields.not !== undefined) return `not ${conditionText(fields.not)}`;
  for (const [name, operand] of Object.entries(fields)) {
    if (IS[name]) return `${fields.variable} ${operand === false ? IS[name].replace("is", "is not") : IS[name]}`;
    const sign = SIGNS[name.replace(/^(boolean|numeric|string|timestamp)/, "").replace(/path$/, "")];
    if (sign) return `${fields.variable} ${sign} ${name.endsWith("path") ? operand : JSON.stringify(operand)}`;
  }
  return "";
}
