"""What can go wrong, as one tree; every branch has a `kind`, an exit code and the user's next step.

ThetaError
├── UsageError            validation   2   the command line, the arguments, the settings file
├── NoCredentials         no_credentials 4 a key or an id that this command needs is missing
├── PolicyRefused         policy       3   our own rules said no: host, dry-run, read-only, budget
├── CloudError                         1   the cloud or the network said no; nothing was done
│   ├── AuthError         auth             401
│   ├── PermissionDenied  permission       403
│   ├── BlockedByEdge     blocked_by_edge  Cloudflare in front of the hosts
│   ├── NotFound          not_found        404
│   ├── Conflict          conflict         409 that is not capacity
│   ├── CapacityError     capacity         409 "No instances available"
│   ├── QuotaError        quota            a machine or request quota
│   ├── BillingError      billing          out of credits
│   ├── RateLimited       rate_limit       429
│   ├── InvalidRequest    validation       400, 405, 422
│   ├── UpstreamError     upstream         5xx
│   ├── TimedOut          timeout          the deadline passed
│   ├── NetworkError      network          not reached
│   ├── ProtocolError     protocol         an answer that cannot be read
│   ├── EmptyOutput       empty_output     success without a result (the null-output trap)
│   └── JobFailed         job_failed       the model itself failed
└── Uncertain             uncertain    5   a change was sent and no answer proves what became of it
"""

from __future__ import annotations

from typing import ClassVar


class ThetaError(Exception):
    """A failure told in one line: what happened, and `hint`, what to do next.

    `status` is the HTTP status, `request_id` what the cloud calls the request; both may be unknown.
    Messages never hold a secret: they are written by us, with the cloud's own words already redacted.
    """

    kind: ClassVar[str] = "protocol"
    exit_code: ClassVar[int] = 1
    next_step: ClassVar[str] = ""

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        status: int | None = None,
        request_id: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint if hint is not None else self.next_step
        self.status = status
        self.request_id = request_id
        self.retry_after = retry_after

    def add(self, words: str) -> None:
        """Say more: what was done about it meanwhile."""
        self.message = f"{self.message.rstrip('.')}. {words}"
        self.args = (self.message,)

    def as_dict(self) -> dict[str, object]:
        """Give the JSON form that the CLI prints on stderr and MCP returns."""
        fields = {
            "kind": self.kind,
            "message": self.message,
            "hint": self.hint or None,
            "status": self.status,
            "request_id": self.request_id,
            "retry_after": self.retry_after,
        }
        return {name: value for name, value in fields.items() if value is not None}


class UsageError(ThetaError):
    """The user's input cannot be used; the message names the place and what would be right."""

    kind = "validation"
    exit_code = 2


class NoCredentials(ThetaError):
    """A credential or id that this command needs is not configured."""

    kind = "no_credentials"
    exit_code = 4
    next_step = "Run `theta-tui setup`, or set the variable in the environment."


class PolicyRefused(ThetaError):
    """One of our own rules refused the request; nothing was sent."""

    kind = "policy"
    exit_code = 3


class OverBudget(PolicyRefused):
    """The act would pass today's cap; nothing was sent."""

    next_step = "Raise THETA_MAX_BUDGET_USD or the profile's budget, or wait for the next day."


class JournalUnavailable(PolicyRefused):
    """The local journal cannot be written, so nothing paid may be sent."""

    next_step = "Free disk space or repair the data folder; reading still works."


class CloudError(ThetaError):
    """The cloud or the network said no, and nothing was done."""

    kind = "upstream"


class AuthError(CloudError):
    """401: the credential is missing or wrong."""

    kind = "auth"
    next_step = "Check the key with `theta-tui auth status`; enter it again with `theta-tui setup`."


class PermissionDenied(CloudError):
    """403: the key does not belong to this project, or its role does not allow the action."""

    kind = "permission"
    next_step = "The key must belong to this project: compare the prj_ id with the dashboard."


class BlockedByEdge(CloudError):
    """Cloudflare refused the client before Theta saw the request (Error 1010 and its kin)."""

    kind = "blocked_by_edge"
    next_step = "This is not about your key. Try another network, or wait a few minutes."


class NotFound(CloudError):
    """404: no such service, deployment, request or route."""

    kind = "not_found"
    next_step = "Check the name or id; the list commands show what there is."


class Conflict(CloudError):
    """409 that is not about capacity."""

    kind = "conflict"
    next_step = "Look at its present state, then try again."


class CapacityError(CloudError):
    """409 "No instances available": temporary; nothing was started."""

    kind = "capacity"
    next_step = "Try again in a minute, or take another model or machine type."


class QuotaError(CloudError):
    """A quota is used up: ten-minute or daily request quota, or machines per type."""

    kind = "quota"
    next_step = "Wait up to ten minutes, or ask for more under Account → Quota in the dashboard."


class BillingError(CloudError):
    """Out of credits, or billing is blocked; never retried."""

    kind = "billing"
    next_step = "Add credits in the dashboard ($20 reach the Developer Plan)."


class RateLimited(CloudError):
    """429 without billing words."""

    kind = "rate_limit"
    next_step = "Wait a little and try again."


class InvalidRequest(CloudError):
    """400, 405 or 422: the cloud refused the request as written."""

    kind = "validation"


class UpstreamError(CloudError):
    """5xx or an HTML page where an answer should be."""

    kind = "upstream"
    next_step = "The cloud has trouble; try again in a minute."


class TimedOut(CloudError):
    """The deadline passed without an answer to a read."""

    kind = "timeout"
    next_step = "Try again, or raise THETA_HTTP_TIMEOUT_MS."


class NetworkError(CloudError):
    """The host was not reached; nothing was sent."""

    kind = "network"
    next_step = "Check the network; `theta-tui doctor` tells which hosts answer."


class ProtocolError(CloudError):
    """An answer came that cannot be read as what it should be."""

    kind = "protocol"
    next_step = "Try again; if it stays, keep the request id and look at the dashboard."


class EmptyOutput(CloudError):
    """Success was reported but the output is empty: the model used its budget up on thinking."""

    kind = "empty_output"
    next_step = "Raise max_tokens, or lower reasoning_effort."


class JobFailed(CloudError):
    """The job ran and the model failed; the cloud's own words are in the message."""

    kind = "job_failed"
    next_step = "Check the inputs: `theta.ondemand.getService` shows what the service takes."


class Uncertain(ThetaError):
    """A change was sent and no answer proves what became of it; it counts as spent until reconciled."""

    kind = "uncertain"
    exit_code = 5
    next_step = "Do not repeat it blindly: look at the list or the balance first. Activity keeps the request."
