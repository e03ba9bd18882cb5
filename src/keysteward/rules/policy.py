"""Which numbers does the product run by?

One numbered, frozen value holds every number; each verdict names the version it was made under.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from keysteward.rules.packs import Check, Pack, calls_of
from keysteward.rules.packs import succeeds as is_success
from keysteward.rules.phases import BrownOut, Step
from keysteward.rules.routing import SHIPPED, Route
from keysteward.rules.words import IntegrationType


@dataclass(frozen=True, slots=True)
class Policy:
    """Every number that an operator may set. Durations are timedeltas or say their unit."""

    version: int = 1

    # keys
    keys_per_account: int = 100
    secrets_per_key: int = 10
    keypairs_per_key: int = 5
    redirect_uris_per_key: int = 100
    origins_per_key: int = 100
    restore_days: int = 15
    longest_credential_days: int = 0
    token_uses_kept: timedelta = timedelta(days=90)

    # tokens
    code_life: timedelta = timedelta(minutes=2)
    user_token_life: timedelta = timedelta(hours=8)
    jwt_token_life: timedelta = timedelta(hours=1)
    refresh_life: timedelta = timedelta(days=30)
    refresh_grace: timedelta = timedelta(seconds=10)
    assertion_life: timedelta = timedelta(hours=2)
    clock_skew: timedelta = timedelta(seconds=60)
    implicit_in_production: Literal["allowed", "waiver", "refused"] = "waiver"
    longest_waiver: timedelta = timedelta(days=365)

    # people
    session_life: timedelta = timedelta(hours=12)
    personal_token_life: timedelta = timedelta(days=90)
    idempotency_life: timedelta = timedelta(hours=24)
    sign_in_failures: int = 10
    sign_in_failures_per_network: int = 100
    sign_in_failures_per_user: int = 50
    sign_in_window: timedelta = timedelta(minutes=15)
    known_source_life: timedelta = timedelta(days=180)
    second_factor: Literal["optional", "admins"] = "optional"
    second_step_life: timedelta = timedelta(minutes=10)
    second_step_tries: int = 5
    ceremony_life: timedelta = timedelta(minutes=5)
    recovery_codes: int = 10
    passkeys_per_user: int = 20
    fresh_sign_in: timedelta = timedelta(minutes=10)
    seen_every: timedelta = timedelta(minutes=5)
    password_link_life: timedelta = timedelta(minutes=30)
    address_link_life: timedelta = timedelta(hours=24)
    links_per_hour: int = 3
    invitation_life: timedelta = timedelta(days=7)
    invitations_per_account: int = 100
    strangers_written_per_hour: int = 200
    sign_up: Literal["invitation", "open"] = "invitation"
    sign_up_plan: str = "Developer"
    sign_ups_per_hour: int = 100
    scim_requests_per_hour: int = 90_000
    developers: Literal["allowed", "refused"] = "allowed"

    # Go-Live
    calls_needed: int = 20
    call_window: timedelta = timedelta(hours=24)
    polling_gap: timedelta = timedelta(seconds=900)
    review_life: timedelta = timedelta(days=90)
    review_delay: timedelta = timedelta(seconds=1)
    types_for_a_person: tuple[IntegrationType, ...] = ("Public integration",)
    upstream_errors_count: bool = False
    calls_kept: timedelta = timedelta(days=180)
    usage_kept: timedelta = timedelta(days=400)
    readiness_on_answers: bool = True

    # promotion
    plans: tuple[str, ...] = (
        "Free",
        "Developer",
        "Personal",
        "Standard",
        "Business Pro",
        "Enhanced",
        "Enterprise Pro",
    )
    least_plan: str = "Business Pro"
    handle_life: timedelta = timedelta(minutes=10)
    ticket_life: timedelta = timedelta(hours=1)
    remind_unpromoted_after: timedelta = timedelta(days=14)
    remind_unconfigured_after: timedelta = timedelta(days=3)

    # transfers
    transfer_life: timedelta = timedelta(days=7)
    stand_in_wait: timedelta = timedelta(hours=72)
    moved_credentials_life: timedelta = timedelta(days=30)
    former_admin_life: timedelta = timedelta(days=90)

    # replacements
    quiet_before_retiring: timedelta = timedelta(days=30)
    quiet_before_operator_retires: timedelta = timedelta(days=90)
    retired_key_life: timedelta = timedelta(days=15)
    recovery_contacts_per_account: int = 3
    recovery_link_life: timedelta = timedelta(days=30)

    # custody
    least_admins: int = 2
    most_admins: int = 5
    admin_unseen_after: timedelta = timedelta(days=90)
    admin_lost_after: timedelta = timedelta(days=180)
    key_unused_after: timedelta = timedelta(days=90)
    service_admin_drill_every: timedelta = timedelta(days=90)
    credential_ends_soon: timedelta = timedelta(days=90)
    review_ends_soon: timedelta = timedelta(days=14)
    longest_acceptance: timedelta = timedelta(days=366)
    custody_judged_every: timedelta = timedelta(hours=20)

    # claimed domains
    domains_per_organization: int = 100
    domain_checked_every: timedelta = timedelta(hours=24)
    domain_new_for: timedelta = timedelta(days=3)
    new_domain_checked_every: timedelta = timedelta(hours=1)
    domain_silence_borne: timedelta = timedelta(days=3)
    silent_domain_checked_every: timedelta = timedelta(minutes=15)
    domain_proof_fresh: timedelta = timedelta(seconds=60)
    recovery_recipients_per_account: int = 10
    release_approval_life: timedelta = timedelta(hours=24)
    release_download_life: timedelta = timedelta(hours=1)
    drill_overdue_gravely: timedelta = timedelta(days=30)

    # notices
    notices_kept: timedelta = timedelta(days=400)

    # webhooks
    webhooks_per_owner: int = 10
    webhook_patience: timedelta = timedelta(seconds=5)
    webhook_tries: int = 9
    webhook_off_after: timedelta = timedelta(days=5)
    webhook_secret_overlap: timedelta = timedelta(hours=24)
    webhook_deliveries_kept: timedelta = timedelta(days=30)
    webhook_repeats_per_hour: int = 1_000

    # limits
    hourly_calls: int = 3_000
    burst_calls_demo: int = 200
    burst_calls_production: int = 500
    burst_window: timedelta = timedelta(seconds=30)
    limit_status: Literal[400, 429] = 429
    candidate_hourly_calls: int = 0
    candidate_burst_calls: int = 0
    body_bytes: int = 35_651_584

    # request logs
    request_log_entries: int = 50
    request_log_body_bytes: int = 2_097_152
    request_log_life: timedelta = timedelta(days=30)

    # routes
    routes: tuple[Route, ...] = SHIPPED

    # legacy authentication
    legacy_phases: tuple[Step, ...] = (Step("block all"),)
    legacy_brown_outs: tuple[BrownOut, ...] = ()

    # the policy itself
    policy_proposal_life: timedelta = timedelta(days=7)

    # rule packs, which have commands of their own, and the checks in Python that are installed here
    packs: tuple[Pack, ...] = ()
    checks: Mapping[str, Check] = field(default_factory=dict, compare=False, repr=False)

    def __hash__(self) -> int:
        """By the version alone: what is remembered of a policy is looked up for every call."""
        return hash(self.version)

    @property
    def calls_looked_at(self) -> int:
        """How many of a key's newest calls a review looks at."""
        return calls_of(self.packs, self.calls_needed) if self.packs else self.calls_needed

    def succeeds(self, operation: str, status: int) -> bool:
        """Whether an answer is a success: below 400, unless a pack says otherwise."""
        return is_success(self.packs, operation, status) if self.packs else 0 < status < 400

    def is_eligible(self, plan: str) -> bool:
        """A plan may hold live keys when it ranks at or above the least plan; an unknown plan ranks nowhere."""
        return plan in self.plans and self.plans.index(plan) >= self.plans.index(self.least_plan)


DEFAULT = Policy()
