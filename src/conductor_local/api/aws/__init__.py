"""What Conductor knows, in the shapes of the AWS Step Functions API: pure projections of heads and events.

    history(events, machine=…)             GetExecutionHistory, event by event
    describe_execution(head, machine=…)    DescribeExecution
    sync_execution(head, machine=…)        StartSyncExecution

Values are those that AWS's own client hands to a program: datetimes are datetimes, JSON stays text, what is absent has no key.
"""

from conductor_local.api.aws.executions import describe_execution, sync_execution
from conductor_local.api.aws.history import history
from conductor_local.api.aws.machines import Machine

__all__ = ["Machine", "describe_execution", "history", "sync_execution"]
