from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from theta_tui.sandbox.footage import slots
from theta_tui.sandbox.server import SandboxServer
from theta_tui.sandbox.video_seed import seed_videos
from theta_tui.sandbox.world import World

URI = "https://files.example.com/clip.mp4"
BYTES = {"Content-Type": "application/octet-stream"}
SLOT = "id service_account_id presigned_url presigned_url_expiration presigned_url_expired create_time update_time"
VIDEO = (
    "id service_account_id file_name state sub_state source_upload_id source_uri playback_policy progress error "
    "duration resolution metadata playback_uri player_uri create_time update_time"
)
LIMIT = "Live stream limit reached - you already have 3/3 streams"


@pytest.fixture
def client(sandbox: SandboxServer, world: World) -> Iterator[httpx.Client]:
    world.clock.speed = 0
    keys = world.keys
    headers = {"User-Agent": "Mozilla/5.0", "x-tva-sa-id": keys.video_sa_id, "x-tva-sa-secret": keys.video_sa_secret}
    with httpx.Client(base_url=sandbox.origin, headers=headers, timeout=5) as client:
        yield client


def own(world: World, verb: str) -> str:
    return f"/video/{world.keys.video_sa_id}/{verb}"


def slot(client: httpx.Client) -> dict[str, Any]:
    found: dict[str, Any] = client.post("/upload").json()["body"]["uploads"][0]
    return found


def make(client: httpx.Client, **body: Any) -> dict[str, Any]:
    answer = client.post("/video", json={"source_uri": URI, **body})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["body"]["videos"][0]
    return found


def get(client: httpx.Client, video_id: str) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"/video/{video_id}").json()["body"]["videos"][0]
    return found


def refused(answer: httpx.Response, status: int, words: str = "") -> None:
    assert answer.status_code == status, answer.text
    assert answer.json()["status"] == "error"
    assert words in answer.json()["message"]


ROUTES = [
    ("POST", "/upload"), ("POST", "/video"), ("GET", "/video/video_x"), ("GET", "/video/{sa}/list"),
    ("GET", "/video/{sa}/search"), ("POST", "/stream"), ("GET", "/stream/stream_x"),
    ("GET", "/service_account/{sa}/streams"), ("GET", "/ingestor/filter"), ("PUT", "/ingestor/x/select"),
    ("PUT", "/ingestor/x/unselect"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path"), ROUTES)
@pytest.mark.parametrize("wrong", ["x-tva-sa-id", "x-tva-sa-secret"])
def test_both_headers_must_be_right(client: httpx.Client, world: World, method: str, path: str, wrong: str) -> None:
    path = path.format(sa=world.keys.video_sa_id)
    refused(client.request(method, path, headers={wrong: "wrong"}), 401, "Unauthorized")


@pytest.mark.parametrize("path", ["/video/srvacc_other/list", "/video/srvacc_other/search"])
def test_a_foreign_account_is_403(client: httpx.Client, path: str) -> None:
    refused(client.get(path), 403)
    refused(client.get("/service_account/srvacc_other/streams"), 403)


def test_a_slot_has_every_documented_field_and_really_takes_bytes(client: httpx.Client, world: World) -> None:
    made = slot(client)
    assert set(made) == set(SLOT.split())
    data = bytes(range(256)) * 5000
    bare = httpx.put(made["presigned_url"], content=data, headers=BYTES)
    assert bare.status_code == 200
    kept = slots(world)[made["id"]]
    assert (kept.size, kept.sha256) == (len(data), hashlib.sha256(data).hexdigest())


def test_a_slot_refuses_credentials_wrong_signatures_other_types_and_late_bytes(
    client: httpx.Client, world: World
) -> None:
    url = slot(client)["presigned_url"]
    assert client.put(url, content=b"x", headers=BYTES).status_code == 400
    assert httpx.put(url[:-1] + "!", content=b"x", headers=BYTES).status_code == 403
    assert "SignatureDoesNotMatch" in httpx.put(url, content=b"x", headers={"Content-Type": "video/mp4"}).text
    world.clock.advance(901)
    assert "AccessDenied" in httpx.put(url, content=b"x", headers=BYTES).text
    assert [kept.size for kept in slots(world).values()] == [0]


def test_a_video_needs_exactly_one_source(client: httpx.Client) -> None:
    refused(client.post("/video", json={"file_name": "x"}), 400, "Exactly one")
    refused(client.post("/video", json={"source_uri": URI, "source_upload_id": "upload_x"}), 400, "Exactly one")


def test_an_unknown_upload_is_404_and_an_empty_one_400(client: httpx.Client) -> None:
    refused(client.post("/video", json={"source_upload_id": "upload_x"}), 404, "Upload not found")
    refused(client.post("/video", json={"source_upload_id": slot(client)["id"]}), 400, "Nothing has been uploaded")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"source_uri": "file:///etc/passwd"}, "source_uri"),
        ({"resolutions": [480]}, "resolutions"),
        ({"resolutions": ["720"]}, "resolutions"),
        ({"resolutions": []}, "resolutions"),
        ({"playback_policy": "private"}, "playback_policy"),
        ({"drm_rules": [{"chain_id": 361, "nft_collection": "0x1"}]}, "use_drm"),
        ({"use_drm": True, "drm_rules": [{"chain_id": 2, "nft_collection": "0x1"}]}, "drm_rules"),
        ({"metadata": "text"}, "metadata"),
        ({"fileName": "x"}, "Unknown field: fileName"),
    ],
)
def test_a_wrong_field_is_400_by_its_name(client: httpx.Client, wrong: dict[str, Any], words: str) -> None:
    refused(client.post("/video", json={"source_uri": URI, **wrong}), 400, words)


def test_a_video_goes_from_created_over_transcoding_to_success(client: httpx.Client, world: World) -> None:
    made = make(client, resolutions=[720, 1080], metadata={"name": "Clip"})
    assert (made["state"], made["progress"], made["playback_uri"]) == ("created", 0, None)
    seen = []
    for _ in range(5):
        world.clock.advance(25)
        now = get(client, made["id"])
        seen.append((now["state"], now["sub_state"], now["progress"]))
    assert seen[0][:2] == ("processing", "transcoding")
    assert [progress for *_, progress in seen] == sorted({progress for *_, progress in seen})
    assert seen[-1] == ("success", None, 100)
    assert now["playback_uri"].endswith(f"{made['id']}/master.m3u8")
    assert now["player_uri"].endswith(made["id"])
    assert now["resolution"] == 1080
    assert set(now) == set(VIDEO.split())


def test_a_video_breaks_on_request(client: httpx.Client, world: World) -> None:
    world.faults.add({"kind": "video_error", "message": "no audio track"})
    made = make(client)
    world.clock.advance(600)
    now = get(client, made["id"])
    assert (now["state"], now["error"], now["playback_uri"]) == ("error", "no audio track", None)
    assert get(client, make(client)["id"])["error"] is None


def test_a_video_costs_money(client: httpx.Client, world: World) -> None:
    before = world.balance_cents
    make(client, resolutions=[360, 720])
    assert before - world.balance_cents == 3


def test_videos_are_listed_newest_first_from_page_1(client: httpx.Client, world: World) -> None:
    seed_videos(world)
    listed = client.get(own(world, "list")).json()["body"]["videos"]
    assert [video["file_name"] for video in listed] == ["all-hands.mov", "product-tour.mp4"]
    second = client.get(own(world, "list"), params={"page": 2, "number": 1}).json()["body"]["videos"]
    assert [video["file_name"] for video in second] == ["product-tour.mp4"]
    refused(client.get(own(world, "list"), params={"page": 0}), 400)
    refused(client.get(own(world, "list"), params={"name": "Clip"}), 400)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"name": "Product tour"}, ["product-tour.mp4"]),
        ({"owner.id": "12"}, ["all-hands.mov"]),
        ({"owner.id": "12", "name": "Product tour"}, []),
        ({"owner.id": "12", "name": "Product tour", "operator": "or"}, ["all-hands.mov", "product-tour.mp4"]),
        ({"file_name": "all-hands.mov", "page": "1", "number": "10"}, ["all-hands.mov"]),
        ({"nothing": "x"}, []),
    ],
)
def test_a_search_looks_into_nested_metadata(
    client: httpx.Client, world: World, query: dict[str, str], found: list[str]
) -> None:
    seed_videos(world)
    answer = client.get(own(world, "search"), params=query).json()["body"]["videos"]
    assert [video["file_name"] for video in answer] == found


def test_the_fourth_stream_is_400_in_the_known_words(client: httpx.Client) -> None:
    for number in range(3):
        made = client.post("/stream", json={"name": f"Demo {number}"}).json()["body"]
        assert set(made) == {"id", "name", "status", "playback_uri", "player_uri", "update_time"}
        assert made["status"] == "off"
    refused(client.post("/stream", json={"name": "One more"}), 400, LIMIT)


def test_a_selection_without_a_stream_is_403(client: httpx.Client) -> None:
    node = client.get("/ingestor/filter").json()["body"]["ingestors"][0]
    assert set(node) == {"id", "ip", "stakes", "geo"}
    refused(client.put(f"/ingestor/{node['id']}/select", json={}), 403)
    refused(client.put(f"/ingestor/{node['id']}/select", json={"tva_stream": "stream_x"}), 404)
    refused(client.put("/ingestor/ingestor_x/select", json={"tva_stream": "stream_x"}), 404)


@pytest.mark.parametrize(("seconds", "status"), [(290, "on"), (310, "off")])
def test_a_selection_lapses_after_five_minutes(client: httpx.Client, world: World, seconds: int, status: str) -> None:
    world.faults.add({"kind": "encoder", "seconds": seconds})
    stream = client.post("/stream", json={"name": "Demo"}).json()["body"]["id"]
    node = client.get("/ingestor/filter").json()["body"]["ingestors"][0]["id"]
    chosen = client.put(f"/ingestor/{node}/select", json={"tva_stream": stream}).json()["body"]
    assert chosen["stream_server"].startswith("rtmp://")
    assert len(chosen["stream_key"]) > 20
    assert client.get(f"/stream/{stream}").json()["body"]["status"] == "off"
    world.clock.advance(seconds + 1)
    assert client.get(f"/stream/{stream}").json()["body"]["status"] == status
    account = f"/service_account/{world.keys.video_sa_id}/streams"
    assert [one["id"] for one in client.get(account, params={"status": status}).json()["body"]["streams"]] == [stream]
    assert client.put(f"/ingestor/{node}/unselect", json={}).status_code == 200
    assert client.get(account, params={"status": "on"}).json()["body"]["streams"] == []


def test_the_guessed_route_is_not_there(client: httpx.Client) -> None:
    made = make(client)
    assert client.put(f"/video/{made['id']}", json={"metadata": {}}).status_code == 405
