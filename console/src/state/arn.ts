/** ARNs of state machines and executions, as far as one tells the other. Pure. */

/** `…:execution:Name:run` and `…:express:Name:run:id` belong to `…:stateMachine:Name`; a child of a map run (`Name/label`) to its own. */
export function machineArnOf(execution: string): string {
  const parts = execution.split(":");
  return [...parts.slice(0, 5), "stateMachine", parts[6]?.split("/")[0]].join(":");
}
