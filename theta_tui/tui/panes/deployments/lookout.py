"""Looks at endpoints until they are ready, in the background; tells at the end. How that reads is `readiness`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from theta_tui.errors import AuthError, CloudError, NotFound, ThetaError, UsageError
from theta_tui.shapes.deployments import Deployment, Template
from theta_tui.shapes.inference import Look
from theta_tui.tui.panes.base import Pane
from theta_tui.tui.panes.deployments.readiness import ABSENT_FOR, Watch
from theta_tui.tui.words import whole_seconds


class Lookout:
    """The watches of a pane, by the key of their deployment; `changed` is called after each look."""

    def __init__(self, pane: Pane, changed: Callable[[Watch], None]) -> None:
        self._pane = pane
        self._changed = changed
        self._watches: dict[str, Watch] = {}
        self._templates: list[Template] = []

    def find(self, key: str) -> Watch | None:
        """Give the last watch of a deployment."""
        return self._watches.get(key)

    @property
    def at_work(self) -> list[Watch]:
        """The watches that go on."""
        return [watch for watch in self._watches.values() if watch.is_on]

    def begin(self, deployment: Deployment) -> Watch:
        """Start looking, unless it is looked at already."""
        key = deployment.key
        known = self._watches.get(key)
        if known is not None and known.is_on:
            return known
        watch = self._watches[key] = Watch(key=key, name=deployment.name or key)
        self._pane.run_worker(self._follow(watch, deployment), group=f"ready:{key}", exclusive=True)
        return watch

    def end(self, key: str, why: str) -> None:
        """Stop looking."""
        watch = self._watches.get(key)
        if watch is not None and watch.is_on:
            watch.end(why)
            self._pane.workers.cancel_group(self._pane, f"ready:{key}")
            self._show(watch)

    async def template_of(self, deployment: Deployment) -> Template | None:
        """Give the template of a deployment, if the lists tell."""
        if not self._templates:
            try:
                for category in ("serving", "prototyping"):
                    asked = {"category": category, "number": 200}
                    found = await self._pane.ask("theta.deployments.listStandard", asked)
                    self._templates += found.templates
            except CloudError:
                return None
        wanted = (deployment.template_id, deployment.template_name)
        return next((one for one in self._templates if one.id == wanted[0] or one.name == wanted[1]), None)

    async def _follow(self, watch: Watch, deployment: Deployment) -> None:
        try:
            template = await self.template_of(deployment)
            if template is not None:
                watch.probe, watch.is_large = template.probe, template.is_large
                watch.has_probe = template.answers_probe
            while watch.is_on:
                await self._look(watch)
                self._show(watch)
                if watch.is_on:
                    await asyncio.sleep(watch.pause)
            self._tell(watch)
        except ThetaError as error:
            watch.end(error.message)
            self._show(watch)
            self._pane.fail(error, cause="action")
        finally:
            self._pane.console_app.busy.pop(f"ready:{watch.key}", None)

    async def _look(self, watch: Watch) -> None:
        """Look once. What goes wrong on the way to the endpoint is no answer of the endpoint's."""
        try:
            look: Look = await self._pane.ask(
                "theta.inference.probe", {"deployment": watch.key, "probe": watch.probe}
            )  # fmt: skip
        except NotFound as error:
            if watch.seconds > ABSENT_FOR or any(look.status for look in watch.looks):
                watch.end("It is no longer in the list.")
            else:
                watch.add(0, error.message)
        except AuthError:
            raise
        except (UsageError, CloudError) as error:
            watch.add(0, error.message)
        else:
            watch.add(look.status, look.message)

    def _show(self, watch: Watch) -> None:
        self._pane.console_app.set_busy(f"ready:{watch.key}", watch.short_words if watch.is_on else None)
        self._changed(watch)

    def _tell(self, watch: Watch) -> None:
        app = self._pane.console_app
        if watch.is_ready:
            app.tell(f"{watch.name} is ready after {whole_seconds(watch.seconds)}.", title="Ready")
        else:
            app.tell(f"{watch.name}: {watch.verdict}", title="Not ready", severity="warning")
        app.bell()
