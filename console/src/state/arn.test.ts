import { expect, test } from "vitest";
import { machineArnOf } from "./arn";

test("the ARN of a machine is in that of its executions", () => {
  expect(machineArnOf("arn:aws:states:us-east-1:000000000000:execution:Order:run-1")).toBe("arn:aws:states:us-east-1:000000000000:stateMachine:Order");
  expect(machineArnOf("arn:aws:states:us-east-1:000000000000:express:Order:run-1:x")).toBe("arn:aws:states:us-east-1:000000000000:stateMachine:Order");
  expect(machineArnOf("arn:aws:states:us-east-1:000000000000:execution:Order/Lines:run-1")).toBe("arn:aws:states:us-east-1:000000000000:stateMachine:Order");
});
