"""Between vault and wire: which vault item signs which family, and where endpoint credentials are kept.

It hands on `SecretStr` objects and never looks inside one; endpoint credentials are two items of one name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from pydantic import SecretStr

from theta_tui.change import EndpointCredential, Family
from theta_tui.errors import NoCredentials, PolicyRefused, ThetaError
from theta_tui.vault import Found, Vault
from theta_tui.wire.hosts import Hosts

WHERE = {
    "ec_api_key": "THETA_EC_API_KEY",
    "ondemand_token": "THETA_ONDEMAND_API_TOKEN",
    "video_sa_id": "THETA_VIDEO_SA_ID",
    "video_sa_secret": "THETA_VIDEO_SA_SECRET",
    "chatbot_token": "THETA_CHATBOT_TOKEN",
}

ITEMS: dict[Family, Mapping[str, str]] = {
    Family.ONDEMAND: {"token": "ondemand_token"},
    Family.CONTROLLER: {"key": "ec_api_key"},
    Family.PLATFORM: {"key": "ec_api_key"},
    Family.VIDEO: {"id": "video_sa_id", "secret": "video_sa_secret"},
    Family.AI: {"token": "chatbot_token"},
}
"""Family → what the signer calls it → the vault's item. Endpoints are looked up by name."""


def kept_for(hosts: Hosts, name: str) -> tuple[tuple[str, bool], ...]:
    """Give the origins that a vault item is kept for, each with whether it is an overridden one.

    NoCredentials for the item of an endpoint when none is configured.
    """
    if name.startswith("endpoint/"):
        return ((hosts.origin(Family.CONTROLLER), False),)
    if name.startswith("chatbot/"):
        families: tuple[Family, ...] = (Family.AI,)
    else:
        families = tuple(family for family, roles in ITEMS.items() if name in roles.values()) or (Family.ENDPOINT,)
    return tuple((hosts.origin(family), hosts.is_overridden(family)) for family in families)


class VaultKeys:
    """The wire's `Keys`, answered from the vault."""

    def __init__(self, vault: Vault, hosts: Hosts) -> None:
        self._vault = vault
        self._hosts = hosts

    async def secrets(self, family: Family, origin: str, name: str | None) -> Mapping[str, SecretStr]:
        """Give the credential of a family or of a named endpoint; NoCredentials names the variable."""
        if family is Family.ENDPOINT:
            return await self._endpoint(origin, name)
        found: dict[str, SecretStr] = {}
        for role, item in ITEMS.get(family, {}).items():
            own = await self._own(family, name) if name else None
            found[role] = (own or await self.find(family, item)).value
        return found

    async def _own(self, family: Family, name: str) -> Found | None:
        """Find the credential kept for one object of a family, such as `chatbot/{id}`."""
        overridden = self._hosts.is_overridden(family)
        return await self._vault.get(name, origin=self._hosts.origin(family), overridden=overridden)

    async def find(self, family: Family, item: str) -> Found:
        """Give one item; NoCredentials in the skill's own words (wire 12.2)."""
        overridden = self._hosts.is_overridden(family)
        found = await self._vault.get(item, origin=self._hosts.origin(family), overridden=overridden)
        if found is None:
            raise NoCredentials(f"{WHERE[item]} missing")
        return found

    async def source(self, family: Family, item: str) -> str | None:
        """Say where one item comes from; None if there is none, or no endpoint to have it for."""
        try:
            if family is not Family.ENDPOINT:
                return (await self.find(family, item)).source
            found = await self._vault.get(item, origin=self._hosts.origin(family))
        except NoCredentials:
            return None
        return found.source if found else None

    async def _endpoint(self, origin: str, name: str | None) -> Mapping[str, SecretStr]:
        if name is not None:
            owner = self._hosts.origin(Family.CONTROLLER)
            user = await self._vault.get(f"{name}/username", origin=owner)
            password = await self._vault.get(f"{name}/password", origin=owner)
            return {"username": user.value, "password": password.value} if user and password else {}
        token = await self._vault.get("inference_token", origin=origin)
        if token is not None:
            return {"token": token.value}
        user = await self._vault.get("inference_user", origin=origin)
        password = await self._vault.get("inference_password", origin=origin)
        return {"username": user.value, "password": password.value} if user and password else {}


class EndpointKeeper:
    """The gate's `Keeper`: endpoint credentials go to the vault before the create is sent."""

    def __init__(self, vault: Vault, hosts: Hosts, *, lasting: bool) -> None:
        self._vault = vault
        self._hosts = hosts
        self._lasting = lasting
        self._passing: set[str] = set()

    async def keep(self, name: str, credential: EndpointCredential) -> None:
        """Store both halves; without a keyring for this run only, and not at all if nobody else knows the password."""
        origin = self._hosts.origin(Family.CONTROLLER)
        if not credential.lasting:
            self._passing.add(name)
        for half, secret in (("username", credential.username), ("password", credential.password)):
            if not credential.lasting:
                self._vault.hold(f"{name}/{half}", secret, origin=origin)
                continue
            try:
                await self._vault.put(f"{name}/{half}", secret, origin=origin)
            except ThetaError as error:
                if self._lasting and credential.is_generated:
                    raise PolicyRefused(
                        f"The generated password could not be kept, so nothing was created: {error.message}",
                        hint="Give auth_username and auth_password yourself, or set up a keyring.",
                    ) from None
                self._vault.hold(f"{name}/{half}", secret, origin=origin)

    async def rename(self, old: str, new: str) -> None:
        """Move a credential to the name of the object that now exists."""
        found = await self.find(old)
        if found is not None:
            await self.keep(new, replace(found, lasting=old not in self._passing))
            await self._vault.forget(f"{old}/username")
            await self._vault.forget(f"{old}/password")

    async def find(self, name: str) -> EndpointCredential | None:
        """Give a kept credential."""
        origin = self._hosts.origin(Family.CONTROLLER)
        user = await self._vault.get(f"{name}/username", origin=origin)
        password = await self._vault.get(f"{name}/password", origin=origin)
        return EndpointCredential(user.value, password.value) if user and password else None
