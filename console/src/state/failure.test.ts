import { expect, test } from "vitest";
import { oneLine, told } from "./failure";

const LAMBDA = JSON.stringify({ errorMessage: "no such article", errorType: "ValueError", stackTrace: ['  File "a.py", line 3\n', "    raise\n"] });

test("a Lambda's cause gives its message and traceback, a plain one itself", () => {
  expect(told(LAMBDA)).toEqual({ message: "no such article", trace: '  File "a.py", line 3\n    raise\n' });
  expect(told("{not json")).toEqual({ message: "{not json" });
  expect(told(undefined)).toEqual({ message: "" });
});

test("an error in one line has the message and not the JSON around it", () => {
  expect(oneLine(`Error in step Reserve: ${LAMBDA}`)).toBe("Error in step Reserve: no such article");
  expect(oneLine("plain {x}")).toBe("plain {x}");
});
