"""What the demo shows at its start: a project in the middle of its working day."""

from __future__ import annotations

from datetime import timedelta

from theta_tui.sandbox import compute
from theta_tui.sandbox.agent_seed import seed_agents
from theta_tui.sandbox.deployments import make_machine
from theta_tui.sandbox.machines import Machine
from theta_tui.sandbox.orders import read_order
from theta_tui.sandbox.templates import STANDARD_TEMPLATES
from theta_tui.sandbox.video_seed import seed_videos
from theta_tui.sandbox.world import World

_HOUR = 3600.0


def seed_demo(world: World) -> None:
    """Fill a fresh world: two machines at work, one warming up, two stopped; two agents; some videos."""
    _add(world, "support-chat", "Llama 3 8B", "vm_gv1", 1, age=26.4 * _HOUR, nickname="Support chat")
    _add(world, "shelf-finder", "Grounding Dino", "vm_gt1", 2, age=3.2 * _HOUR, nickname="Shelf finder")
    _add(world, "oss-trial", "GPT-OSS 20B", "vm_ga1", 1, age=75.0, nickname="gpt-oss trial")
    notebook = _add(
        world, "research-notes", "Jupyter Notebook", "vm_gt1", 3, age=9.1 * 24 * _HOUR, nickname="Research notes"
    )
    node = _add(world, "render-node", "GPU Node", "vm_gt2", 4, age=2.3 * 24 * _HOUR, nickname="Render node")
    for idle in (notebook, node):
        idle.stop(world.clock.elapsed())
    compute.seed(world)
    seed_agents(world)
    seed_videos(world)


def _add(world: World, name: str, template_name: str, vm: str, shard: int, *, age: float, nickname: str) -> Machine:
    """A machine that has been there for `age` seconds; what it has cost before now is not in the balance."""
    template = next(one for one in STANDARD_TEMPLATES if one.name == template_name)
    body = {
        "project_id": world.project_id,
        "deployment_template_id": template.id,
        "vm_id": vm,
        "min_replicas": 1,
        "container_image": template.images[0],
        "name": name,
        "shard": shard,
        "annotations": {"nickname": nickname, "tags": "demo"},
    }
    machine = make_machine(world, read_order(world, body))
    machine.create_time = world.clock.iso(world.clock.now() - timedelta(seconds=age))
    at = world.clock.elapsed()
    machine.start(at, warm_since=at - age)
    world.add_deployment(machine)
    return machine
