"""What the wizard has been told so far; what of it is wrong, what it comes to, and the command's arguments."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from pydantic import SecretStr

from theta_tui.shapes.compute import NOTEBOOK
from theta_tui.shapes.deployments import Template, VmType
from theta_tui.tui.panes.deployments.row import hourly
from theta_tui.tui.words import UNKNOWN, usd

Protection = Literal["generated", "own", "none"]
Problem = tuple[str, str]
"""The field, and one line about it."""

NAME_LIMIT = 34
"""A name, a dash and up to 28 characters make one label of a host, which holds 63 (wire 4.5)."""
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_NAME = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True)
class Wish:
    """What was chosen before the wizard opened: a machine, perhaps the only one, with arguments of its own."""

    vm: VmType
    is_only: bool = False
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Draft:
    """A deployment to be. Texts are as typed."""

    category: str = "serving"
    template: Template | None = None
    vm: VmType | None = None
    name: str = ""
    replicas: str = "1"
    image: str | None = None
    env: str = ""
    protection: Protection = "generated"
    username: str = ""
    password: SecretStr | None = None
    notebook_password: SecretStr | None = None
    wish: Wish | None = None
    fallback: bool = False
    fallback_vms: tuple[VmType, ...] = ()

    def choose_template(self, template: Template) -> None:
        """Take a template; what belonged to another one is made anew."""
        if self.template is not None and self.template.id == template.id:
            return
        old, self.template = self.template, template
        if not self.name or (old is not None and re.fullmatch(re.escape(old.slug) + "-[a-z0-9]{4}", self.name)):
            self.name = f"{template.slug}-{''.join(secrets.choice(_ALPHABET) for _ in range(4))}"
        self.vm = None
        self.image = template.container_images[0] if template.container_images else None
        self.env = "\n".join(f"{name}={value or ''}" for name, value in template.env_vars.items())

    def take_wish(self, wish: Wish | None) -> None:
        """Take what was chosen before, or that nothing was; a machine that only an earlier wish offered is given up."""
        if wish is not None or (self.wish is not None and self.wish.is_only):
            self.vm = None
        self.wish = wish

    @property
    def wished_vm(self) -> VmType | None:
        """The machine that the cursor begins on."""
        return self.vm or (self.wish.vm if self.wish else None)

    @property
    def is_notebook(self) -> bool:
        """Whether it takes the password of a notebook (wire 4.5)."""
        return self.template is not None and self.template.name == NOTEBOOK

    def choose_vm(self, vm: VmType, all_vms: Sequence[VmType]) -> None:
        """Take a machine type, and see which others could take its place."""
        self.vm = vm
        self.fallback_vms = fallbacks(vm, all_vms, self.template)
        self.fallback = self.fallback and bool(self.fallback_vms)

    @property
    def count(self) -> int | None:
        """How many machines; None if that is not a number from 1 to 100."""
        text = self.replicas.strip()
        return int(text) if text.isascii() and text.isdecimal() and 1 <= int(text[:4]) <= 100 else None

    @property
    def hourly_usd(self) -> Decimal | None:
        """USD per hour for all machines, of the chosen type; None when unknown."""
        price = self.vm.price_usd if self.vm else None
        return None if price is None or self.count is None else price * self.count

    @property
    def variables(self) -> dict[str, str]:
        """The environment, as far as it can be read; empty values are left out."""
        pairs = (line.split("=", 1) for line in self.env.splitlines() if "=" in line)
        return {name.strip(): value.strip() for name, value in pairs if value.strip()}

    @property
    def required_variables(self) -> tuple[str, ...]:
        """The variables that the template insists on."""
        return tuple(self.template.env_vars) if self.template and self.template.require_env_vars else ()

    def problem(self) -> Problem | None:
        """Give the first thing that is wrong, and at which field."""
        return self._name_problem() or self._count_problem() or self._env_problem() or self._protection_problem()

    def _name_problem(self) -> Problem | None:
        name = self.name.strip()
        if not name:
            return "name", "Give it a name."
        if not _NAME.fullmatch(name):
            return "name", "Lower-case letters, digits and dashes only: it becomes part of the address."
        if len(name) > NAME_LIMIT:
            return "name", f"At most {NAME_LIMIT} characters, these are {len(name)}: it becomes part of the address."
        return None

    def _count_problem(self) -> Problem | None:
        return None if self.count is not None else ("replicas", "A whole number from 1 to 100.")

    def _env_problem(self) -> Problem | None:
        for number, line in enumerate(self.env.splitlines(), 1):
            if line.strip() and not _VARIABLE.fullmatch(line.partition("=")[0].strip()):
                return "env", f"Line {number} should read NAME=value."
            if line.strip() and "=" not in line:
                return "env", f"Line {number} has no =: NAME=value."
        missing = [name for name in self.required_variables if name not in self.variables]
        return ("env", f"This template needs a value for {', '.join(missing)}.") if missing else None

    def _protection_problem(self) -> Problem | None:
        if self.protection != "own":
            return None
        if not self.username.strip():
            return "username", "Give the user."
        if ":" in self.username:
            return "username", "A user cannot have a colon in it."
        return None if self.password else ("password", "Give the password.")

    def arguments(self) -> dict[str, Any]:
        """Give the arguments of `theta.deployments.create`."""
        assert self.template is not None  # noqa: S101 the wizard lets nobody past its first steps
        assert self.vm is not None  # noqa: S101
        images = self.template.container_images
        given: dict[str, Any] = {
            "deployment_template_id": self.template.id,
            "vm_id": self.vm.id,
            "min_replicas": self.count,
            "name": self.name.strip(),
            "container_image": self.image if len(images) > 1 else None,
            "env_vars": self.variables or None,
            "fallback_vms": tuple(vm.id for vm in self.fallback_vms) if self.fallback else (),
        }
        if self.protection == "own":
            given |= {"auth_username": self.username.strip(), "auth_password": self.password}
        if self.is_notebook:
            given["password"] = self.notebook_password
        if self.wish is not None and self.wish.is_only:
            given |= self.wish.arguments
        return given | {"generate_auth": self.protection == "generated"}

    def cost_words(self) -> str:
        """Say what it will cost per hour and per day."""
        amount = self.hourly_usd
        if amount is None:
            return f"price {UNKNOWN}"
        words = f"{hourly(amount)} · {usd(amount * 24, places=2)}/day"
        if not self.fallback:
            return words
        prices = [vm.price_usd for vm in self.fallback_vms]
        if None in prices:
            return f"{words}, or an {UNKNOWN} price on another machine"
        dearest = max([price * (self.count or 1) for price in prices if price is not None], default=amount)
        return f"{words}, at most {hourly(dearest)} on another machine" if dearest > amount else words


def is_too_small(vm: VmType, template: Template | None) -> bool:
    """Whether a machine type is known to have less video memory than the template needs."""
    least = template.min_vram if template else None
    return least is not None and vm.vram_gb is not None and vm.vram_gb < least


def fallbacks(vm: VmType, all_vms: Sequence[VmType], template: Template | None) -> tuple[VmType, ...]:
    """Give the machine types to try if one has no capacity, in the recommended order (wire 6); too small ones not."""

    def place(other: VmType) -> int | None:
        if other.id in ("vm_gt1", "vm_gt2"):
            return ("vm_gt1", "vm_gt2").index(other.id)
        return 2 if "v100" in f"{other.gpu} {other.name}".lower() else None

    usable = [other for other in all_vms if other.id != vm.id and not is_too_small(other, template)]
    ranked = [(rank, other) for other in usable if (rank := place(other)) is not None]
    return tuple(other for _, other in sorted(ranked, key=lambda pair: pair[0]))
