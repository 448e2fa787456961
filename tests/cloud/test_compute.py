"""Hardware on the real stack: the filtered views, and lists nobody has documented."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.stack import Begin
from theta_tui.errors import UpstreamError
from theta_tui.sandbox.world import Call, World
from theta_tui.session import Session
from theta_tui.shapes.base import as_json
from theta_tui.shapes.compute import ClusterList, CommunityNode, CommunityNodes, VolumeList

AI = "theta.ai"


def calls_to(world: World, path: str) -> list[Call]:
    return [call for call in world.calls if call.path == path]


async def test_dedicated_deployments_are_neither_notebooks_nor_nodes_and_bring_their_templates(
    cloud: Session, world: World
) -> None:
    found = await cloud.ask(f"{AI}.dedicatedDeployments.list")
    assert [item.deployment.name for item in found.deployments] == ["support-chat", "shelf-finder", "oss-trial"]
    assert [item.template.name for item in found.deployments] == ["Llama 3 8B", "Grounding Dino", "GPT-OSS 20B"]
    assert found.warning is None
    assert as_json(found)["deployments"][0]["template"]["min_vram"] == 16
    [call] = calls_to(world, "/deployment/list")
    filters = [("not_template_name", "Jupyter Notebook"), ("not_template_name", "GPU Node")]
    assert call.query == [("project_id", world.project_id), *filters]


async def test_a_failed_enrichment_is_a_warning_and_no_deployment_is_lost(on_demo: Begin, world: World) -> None:
    cloud = await on_demo(THETA_HTTP_MAX_RETRIES="0")
    world.faults.add({"kind": "status", "status": 500, "match": {"path": "list_standard_templates"}, "times": None})
    found = await cloud.ask(f"{AI}.dedicatedDeployments.list")
    assert len(found.deployments) == 3
    assert all(item.template is None for item in found.deployments)
    assert "template catalogue could not be read" in as_json(found)["warning"]


async def test_a_failed_list_is_an_error_and_not_an_empty_one(on_demo: Begin, world: World) -> None:
    cloud = await on_demo(THETA_HTTP_MAX_RETRIES="0")
    world.faults.add({"kind": "status", "status": 500, "match": {"path": "deployment/list"}, "times": None})
    with pytest.raises(UpstreamError):
        await cloud.ask(f"{AI}.dedicatedDeployments.list")


async def test_the_templates_are_read_page_by_page(cloud: Session, world: World, monkeypatch: Any) -> None:
    monkeypatch.setattr("theta_tui.cloud.compute.TEMPLATES_PER_PAGE", 5)
    found = await cloud.ask(f"{AI}.dedicatedDeployments.list")
    assert all(item.template for item in found.deployments)
    pages = [dict(call.query)["page"] for call in calls_to(world, "/deployment_template/list_standard_templates")]
    assert pages == ["0", "1", "2"]


async def test_notebooks_and_nodes_have_lists_of_their_own(cloud: Session) -> None:
    notebooks, nodes = await cloud.ask(f"{AI}.jupyter.list"), await cloud.ask(f"{AI}.gpuNode.list")
    assert [item.name for item in notebooks.deployments] == ["research-notes"]
    assert [item.name for item in nodes.deployments] == ["render-node"]


async def test_the_views_follow_to_the_plural_route(cloud: Session, world: World) -> None:
    world.faults.add({"kind": "plural_routes", "times": None})
    found = await cloud.ask(f"{AI}.gpuNode.list")
    assert (found.route, len(found.deployments)) == ("deployments", 1)


async def test_clusters_are_shown_with_every_key_received(cloud: Session) -> None:
    found = await cloud.ask(f"{AI}.gpuCluster.list")
    [cluster] = found.clusters
    assert (cluster.name, cluster.size, cluster.vm_type) == ("training", 2, "G-H100_80GB-x2")
    assert as_json(found)[0]["project_id"]


async def test_volumes_are_asked_for_in_camel_case_from_page_one(cloud: Session, world: World) -> None:
    found = await cloud.ask(f"{AI}.storage.list")
    assert [volume.name for volume in found.volumes] == ["datasets", "checkpoints"]
    [call] = calls_to(world, "/volume/claim")
    assert call.query == [("projectId", world.project_id), ("page", "1"), ("number", "20")]
    assert (await cloud.ask(f"{AI}.storage.list", {"page": 2})).volumes == ()


@pytest.mark.parametrize("body", [[{"id": "a"}], {"claims": [{"id": "a"}]}, {"volumes": [{"id": "a"}]}])
def test_a_volume_list_is_found_wherever_it_is(body: Any) -> None:
    assert [volume.id for volume in VolumeList.of(body, 1, 20).volumes] == ["a"]


@pytest.mark.parametrize("body", [[], None, {}, {"clusters": []}, {"clusters": None}, {"total": 0, "unknown": []}])
def test_an_empty_cluster_list_is_empty(body: Any) -> None:
    assert ClusterList.of(body).clusters == ()


async def test_community_nodes_have_raw_and_converted_prices(cloud: Session, world: World) -> None:
    found = await cloud.ask("theta.compute.communityNodes")
    node = found.nodes[0]
    assert (node.gpu_product, node.gpu_count, node.download_mbps) == ("NVIDIA-GeForce-RTX-4090", 1, 500)
    assert (node.price_hr, node.price_usd, node.is_free) == (1800, Decimal("0.18"), True)
    shown = as_json(found)[0]
    assert (shown["label_onthetaedgecloud_com_price_hr"], shown["price_usd_per_hour"]) == (1800, Decimal("0.18"))
    assert "assumed" in shown["price_unit"]
    [call] = calls_to(world, "/community/nodes")
    assert call.query == [("projectId", world.project_id), ("env", "prod")]


async def test_numbers_written_as_text_and_unknown_fields_do_no_harm(cloud: Session, world: World) -> None:
    world.faults.add({"kind": "extra_fields", "strings": True})
    node = (await cloud.ask("theta.compute.communityNodes")).nodes[1]
    assert (node.cpu_capacity, node.gpu_capacity, node.gpu_allocate, node.price_usd) == (32, 2, 1, Decimal("0.34"))
    assert "sandbox_unknown" in as_json(node)


@pytest.mark.parametrize("price", [None, "", "soon", True, -5, {}])
def test_an_odd_price_is_no_price(price: Any) -> None:
    assert CommunityNode.read({"label_onthetaedgecloud_com_price_hr": price}).price_usd is None


def test_a_node_without_labels_is_still_listed() -> None:
    [node] = CommunityNodes.of([{"node": "bare"}]).nodes
    assert (node.node, node.is_free, node.price_usd) == ("bare", False, None)
