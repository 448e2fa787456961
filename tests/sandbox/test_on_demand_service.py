from __future__ import annotations

import io
import json
import time
import wave
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import httpx
import pytest

from theta_tui.sandbox import media
from theta_tui.sandbox.jobs import TEN_MINUTE_QUOTA
from theta_tui.sandbox.server import SandboxServer
from theta_tui.sandbox.services import EXTRA, HIDDEN, LIVE, SERVICES
from theta_tui.sandbox.world import OPENING_BALANCE_CENTS, World

BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64)"}
TURBO = "/infer_request/stable_diffusion_xl_turbo"
HI = [{"role": "user", "content": "hi"}]


@pytest.fixture
def client(sandbox: SandboxServer, world: World) -> Iterator[httpx.Client]:
    headers = {**BROWSER, "Authorization": f"Bearer {world.keys.ondemand_token}"}
    with httpx.Client(base_url=sandbox.origin, headers=headers, timeout=10) as client:
        yield client


@pytest.fixture
def frozen(world: World) -> World:
    """The world with realistic delays, in which only `advance` moves the time."""
    world.pace, world.clock.speed = 1.0, 0.0
    return world


def ask(client: httpx.Client, path: str, wait: int = 30, **more: Any) -> dict[str, Any]:
    answer = client.post(f"/infer_request/{path}", params={"wait": wait}, json=more)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["body"]["infer_requests"][0]
    return found


def refused(answer: httpx.Response) -> tuple[int, str]:
    assert answer.json()["status"] == "error"
    return answer.status_code, answer.json()["message"]


def slot(client: httpx.Client, path: str, **body: Any) -> dict[str, Any]:
    answer = client.post(f"/infer_request/{path}/input_presigned_urls", json=body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["body"]
    return found


def uploaded(client: httpx.Client, alias: str, data: bytes) -> str:
    """Upload into the only file field of a service; the filename to pass on."""
    field, given = next((name, value) for name, value in slot(client, alias).items() if name != "urls")
    assert field
    put = httpx.put(given["presigned_url"], content=data, headers={"Content-Type": "application/octet-stream"})
    assert put.status_code == 200, put.text
    filename: str = given["filename"]
    return filename


def state_after(client: httpx.Client, job: str, unlike: str) -> dict[str, Any]:
    """The job once its state has left `unlike`; fails after five seconds."""
    until = time.monotonic() + 5
    while time.monotonic() < until:
        shown: dict[str, Any] = client.get(f"/infer_request/{job}").json()["body"]["infer_requests"][0]
        if shown["state"] != unlike:
            return shown
    raise AssertionError(f"still {unlike}")


def test_the_catalogue_is_public_and_holds_the_newest_live_list_first(sandbox: SandboxServer) -> None:
    body = httpx.get(f"{sandbox.origin}/service/list", headers=BROWSER).json()["body"]
    ranked = sorted(body["services"], key=lambda service: service["rank"])
    assert [service["alias"] for service in ranked] == [*LIVE, *EXTRA, *HIDDEN]
    assert [service["alias"] for service in ranked if service["state"] != "public"] == list(HIDDEN)
    assert body["pagination"] == {"page": 0, "number": 100, "total": 14}


def test_every_service_object_is_complete_and_without_a_category() -> None:
    for service in SERVICES:
        assert "category" not in service
        assert (len(service["id"]), service["id"][:5]) == (32, "srvc_")
        prediction = service["predictions"][service["default_prediction"]]
        assert prediction["cost_divisor"] >= 1
        assert prediction["output_vars"]
        assert [var["index"] for var in prediction["input_vars"].values()] == list(range(len(prediction["input_vars"])))
        assert any(var["required"] and var["description"] for var in prediction["input_vars"].values())
        if service["workload_type"] == "llm":
            assert prediction["openrouter_metadata"]["context_length"] > 30_000
            assert set(prediction["cost"]) == {"input", "output"}


def test_the_template_is_an_object_only_when_expanded(client: httpx.Client) -> None:
    plain = client.get("/service/whisper").json()["body"]["services"][0]
    for path in ("/service/whisper", f"/service/{plain['id']}", "/service/list"):
        services = client.get(path, params={"expand": "template_id"}).json()["body"]["services"]
        (whisper,) = [service for service in services if service["alias"] == "whisper"]
        assert whisper["template_id"]["id"] == plain["template_id"]
    assert client.get("/service/list", params={"expand": "all"}).status_code == 400


def test_everything_but_the_catalogue_needs_the_token(sandbox: SandboxServer, world: World) -> None:
    calls = [
        ("GET", "/service/qwen3"),
        ("POST", TURBO),
        ("POST", "/infer_request/chat/completions"),
        ("GET", "/infer_request/infr_rqst_x"),
        ("GET", f"/infer_request/{world.project_id}/list"),
        ("POST", f"{TURBO}/input_presigned_urls"),
    ]
    for method, path in calls:
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"x-api-key": world.keys.project_api_key}):
            answer = httpx.request(method, sandbox.origin + path, headers={**BROWSER, **headers}, json={})
            assert answer.status_code == 401, (method, path)


@pytest.mark.parametrize("path", ["nothing", "nothing/predict", "nothing/input_presigned_urls", "infr_rqst_abc"])
def test_an_unknown_alias_is_not_found(client: httpx.Client, path: str) -> None:
    assert refused(client.post(f"/infer_request/{path}", json={"input": {}})) == (404, "service not found")


def test_chat_and_catalogue_do_not_know_every_name(client: httpx.Client) -> None:
    for model in ("qwen", "whisper"):
        answer = client.post("/infer_request/chat/completions", json={"model": model, "messages": HI})
        assert refused(answer) == (404, "service not found")
    assert refused(client.get("/service/nothing")) == (404, "service not found")
    assert client.get("/infer_request/infr_rqst_none").status_code == 404
    assert client.get("/infer_request/prj_somebodyelse/list").status_code == 403


def test_a_job_is_pending_then_processing_then_success_on_the_simulated_clock(
    client: httpx.Client, frozen: World
) -> None:
    job = ask(client, "flux", wait=0, input={"prompt": "sea"})
    assert (job["state"], job["output"], job["assigned_time"]) == ("pending", None, None)
    frozen.clock.advance(0.5)
    working = state_after(client, job["id"], "pending")
    assert (working["state"], working["success_time"]) == ("processing", None)
    assert frozen.charges == []
    frozen.clock.advance(3.6)
    done = state_after(client, job["id"], "processing")
    assert done["state"] == "success"
    assert done["create_time"] < done["process_time"] < done["success_time"] == done["update_time"]


def test_waiting_ends_when_the_job_does_or_when_the_time_is_up(client: httpx.Client, world: World) -> None:
    world.pace, world.clock.speed = 1.0, 10.0
    start = time.monotonic()
    assert ask(client, "flux", wait=60, input={"prompt": "sea"})["state"] == "success"
    assert time.monotonic() - start < 3  # 60 simulated seconds would be 6
    assert ask(client, "flux", wait=1, input={"prompt": "sea"})["state"] == "processing"
    body = {"input": {"prompt": "sea"}, "wait": 60}
    answer = client.post("/infer_request/flux", json=body).json()["body"]["infer_requests"][0]
    assert answer["state"] == "success"


def test_without_wait_the_answer_comes_at_once(client: httpx.Client, frozen: World) -> None:
    answer = client.post("/infer_request/flux", json={"input": {"prompt": "sea"}})
    assert answer.json()["body"]["infer_requests"][0]["state"] == "pending"


@pytest.mark.parametrize(
    ("path", "body", "words"),
    [
        ("flux", {}, "Missing required field: input"),
        ("flux", {"input": {}}, "Missing required input: prompt"),
        ("flux", {"input": {"prompt": ""}}, "Missing required input: prompt"),
        ("flux", {"input": {"prompt": 7}}, "Invalid input: prompt must be of type string"),
        ("flux", {"input": {"prompt": "x", "num_inference_steps": 4}}, "Unknown input: num_inference_steps"),
        ("flux", {"input": {"prompt": "x", "width": "512"}}, "Invalid input: width must be of type integer"),
        ("flux", {"input": {"prompt": "x", "width": True}}, "Invalid input: width must be of type integer"),
        ("flux", {"input": {"prompt": "x"}, "variant": "tiny"}, "variant not found: tiny"),
        ("flux", {"input": {"prompt": "x"}, "wait": 61}, "Invalid field: wait"),
        ("flux", {"input": {"prompt": "x"}, "webhook": "ftp://x"}, "Invalid field: webhook"),
        ("flux/predict", {"input": {"prompt": "x"}}, "prediction not found: predict"),
        ("flux?prediction=predict", {"input": {"prompt": "x"}}, "prediction not found: predict"),
        ("flux?wait=61", {"input": {"prompt": "x"}}, "Invalid parameter: wait"),
        ("flux?Wait=1", {"input": {"prompt": "x"}}, "Unknown parameter: Wait"),
        ("llava", {"input": {"image": "x", "prompt": "y"}}, "Unknown input: image"),
        ("qwen3", {"input": {"messages": []}}, "messages must be a list with at least one message"),
        ("glm_5_3", {"input": {"messages": HI, "tools": []}}, "Unknown input: tools"),
    ],
)
def test_a_wrong_request_is_refused_in_words_and_costs_nothing(
    client: httpx.Client, world: World, path: str, body: dict[str, Any], words: str
) -> None:
    assert refused(client.post(f"/infer_request/{path}", json=body)) == (400, words)
    assert world.charges == []


def test_an_image_job_is_charged_one_cent_and_its_file_is_public(client: httpx.Client, world: World) -> None:
    job = ask(client, "flux", input={"prompt": "a fox", "seed": "11", "width": 640, "height": 384}, variant="quantized")
    assert job["usage"] == {"input": 0, "output": 1}
    assert job["cost_usd"] == {"input": 0, "output": 0.01}
    assert (job["variant"], job["output"]["used_seed"]) == ("quantized", "11")
    assert world.balance_cents == OPENING_BALANCE_CENTS - 1
    path = f"/output/{job['service_id']}/{job['project_id']}/{job['id']}_image_url.png"
    assert job["output"]["image_url"].endswith(path)
    file = httpx.get(job["output"]["image_url"])
    assert file.headers["content-type"] == "image/png"
    photo = media.look(file.content)
    assert photo is not None
    assert (photo.width, photo.height, photo.note) == (640, 384, "a fox")


def test_a_language_job_costs_its_tokens_at_the_price_of_each_side(client: httpx.Client, world: World) -> None:
    job = ask(client, "qwen3", input={"messages": HI, "stream": False}, variant="parallax_32b_fp8")
    assert job["output"]["message"].startswith("Hello!")
    cents = (Decimal(job["usage"]["input"]) * 20 + Decimal(job["usage"]["output"]) * 40) / 1_000_000
    assert world.charges[0].cents == cents
    assert Decimal(str(job["cost_usd"]["output"])) == Decimal(job["usage"]["output"]) * 40 / 1_000_000 / 100


def test_the_prediction_may_stand_in_the_path_or_in_the_query(client: httpx.Client, world: World) -> None:
    data = media.picture("boat", "1", 64, 64)
    sizes = []
    for path in ("image_to_image/upscale", "image_to_image?prediction=upscale", "image_to_image"):
        filename = uploaded(client, "image_to_image", data)
        answer = client.post(f"/infer_request/{path}", json={"input": {"image_filename": filename}, "wait": 20})
        job = answer.json()["body"]["infer_requests"][0]
        photo = media.look(httpx.get(job["output"]["image_url"]).content)
        assert photo is not None
        sizes.append((job["prediction"], photo.width))
    assert sizes == [("upscale", 128), ("upscale", 128), ("stylize", 64)]


def test_a_language_model_streams_from_a_job_unless_told_not_to(client: httpx.Client, world: World) -> None:
    for inputs in ({"messages": HI}, {"messages": HI, "stream": True}):
        answer = client.post("/infer_request/qwen3", params={"wait": 60}, json={"input": inputs})
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.text.endswith("data: [DONE]\n\n")
    jobs = client.get(f"/infer_request/{world.project_id}/list").json()["body"]["infer_requests"]
    assert [job["state"] for job in jobs] == ["success", "success"]
    assert jobs[0]["output"]["message"].startswith("Hello!")
    assert len(world.charges) == 2


def test_slots_carry_both_documented_shapes_at_once_or_one_on_request(client: httpx.Client, world: World) -> None:
    both = slot(client, "whisper", input_fields=["audio_filename"])
    assert both["audio_filename"]["presigned_url"] == both["urls"]["audio_filename"]["upload_url"]
    assert both["audio_filename"]["filename"] == both["urls"]["audio_filename"]["filename"]
    world.faults.add({"kind": "presigned_shape", "shape": "urls"})
    assert set(slot(client, "whisper/stt")) == {"urls"}
    world.faults.add({"kind": "presigned_shape", "shape": "field"})
    assert set(slot(client, "whisper")) == {"audio_filename"}
    path = "/infer_request/whisper/input_presigned_urls"
    assert refused(client.post(path, json={"input_fields": ["language"]})) == (400, "Invalid input field: language")


def test_a_slot_refuses_an_authorization_header_a_wrong_signature_and_late_bytes(
    client: httpx.Client, world: World
) -> None:
    url = slot(client, "blip")["input_img"]["presigned_url"]
    assert client.put(url, content=b"x").status_code == 400
    assert httpx.put(url[:-1] + "!", content=b"x").status_code == 403
    assert httpx.put(url.partition("?")[0], content=b"x").status_code == 403
    assert httpx.put(url, content=b"x").status_code == 200
    world.clock.advance(901)
    late = httpx.put(url, content=b"x")
    assert (late.status_code, late.headers["content-type"]) == (403, "application/xml")


def test_more_than_fifty_megabytes_are_refused(client: httpx.Client) -> None:
    url = slot(client, "blip")["input_img"]["presigned_url"]
    assert httpx.put(url, content=bytes(50 * 1024 * 1024)).status_code == 200
    assert httpx.put(url, content=bytes(50 * 1024 * 1024 + 1)).status_code == 413


def test_uploaded_bytes_matter(client: httpx.Client) -> None:
    picture = media.picture("a city at night", "1", 320, 200)
    blip = ask(client, "blip", input={"input_img": uploaded(client, "blip", picture)})
    assert blip["output"] == {"text": "a city at night (320 by 200 pixels)"}
    llava = ask(client, "llava", input={"input_img": uploaded(client, "llava", picture), "question": "Which size?"})
    assert "320 pixels wide" in llava["output"]["text"]
    named = {"input_img": uploaded(client, "grounding_dino", picture), "detection_prompt": "window. moon"}
    found = ask(client, "grounding_dino/0", input=named)["output"]
    assert [box["label"] for box in found["boxes"]] == ["window", "moon"]
    assert httpx.get(found["image_url"]).content[:4] == b"\x89PNG"


@pytest.mark.parametrize(
    ("alias", "inputs", "words"),
    [
        ("blip", {"input_img": b"hello"}, "not a readable image"),
        ("whisper", {"audio_filename": b"hello"}, "not a readable recording"),
        ("blip", {"input_img": "nothing.png"}, "Input file not found: nothing.png"),
        ("blip", {"input_img": "http://example.com/a.png"}, "Input file not found"),
        ("kokoro_82m", {"text": "x", "voice": "nobody"}, "Unknown voice: nobody"),
    ],
)
def test_a_job_that_cannot_be_done_ends_in_error_and_costs_nothing(
    client: httpx.Client, world: World, alias: str, inputs: dict[str, Any], words: str
) -> None:
    given = {name: uploaded(client, alias, one) if isinstance(one, bytes) else one for name, one in inputs.items()}
    job = ask(client, alias, input=given)
    assert (job["state"], job["output"]) == ("error", None)
    assert words in job["error_message"]
    assert job["error_time"]
    assert world.charges == []


def test_what_is_spoken_can_be_transcribed_and_is_paid_by_the_second(client: httpx.Client, world: World) -> None:
    spoken = ask(client, "kokoro_82m", input={"text": "The quick brown fox.", "voice": "af_bella"})
    file = httpx.get(spoken["output"]["audio_url"])
    assert file.headers["content-type"] == "audio/wav"
    with wave.open(io.BytesIO(file.content)) as recording:
        seconds = recording.getnframes() / recording.getframerate()
    assert seconds > 1
    heard = ask(client, "whisper", input={"audio_filename": spoken["output"]["audio_url"]})
    assert heard["output"]["text"] == "The quick brown fox."
    assert heard["usage"] == {"input": round(seconds), "output": 0}
    again = ask(client, "whisper", input={"audio_filename": uploaded(client, "whisper", file.content)})
    assert again["output"] == heard["output"]


def test_a_public_url_stands_for_a_file(client: httpx.Client) -> None:
    assert ask(client, "blip", input={"input_img": "https://example.com/cat.jpg"})["state"] == "success"
    heard = ask(client, "whisper", input={"audio_filename": "https://example.com/talk.mp3"})
    assert "example.com/talk.mp3" in heard["output"]["text"]


def test_ten_minutes_have_a_quota_which_comes_back(client: httpx.Client, frozen: World) -> None:
    body = {"input": {"prompt": "x"}}
    for left in range(TEN_MINUTE_QUOTA - 1, -1, -1):
        quota = client.post(TURBO, json=body).json()["body"]["model_quotas"][0]
        assert (quota["ten_min_remaining"], quota["daily_remaining"]) == (left, 950 + left)
    assert refused(client.post(TURBO, json=body)) == (429, "10 minute quota reached")
    assert client.post("/infer_request/flux", json=body).status_code == 200
    frozen.clock.advance(601)
    quota = client.post(TURBO, json=body).json()["body"]["model_quotas"][0]
    assert (quota["ten_min_remaining"], quota["daily_remaining"]) == (49, 949)


def test_without_money_nothing_is_started(client: httpx.Client, world: World) -> None:
    world.charge(world.balance_cents, "all of it")
    assert refused(client.post(TURBO, json={"input": {"prompt": "x"}})) == (402, "Insufficient credit balance")
    chat = client.post("/infer_request/chat/completions", json={"model": "glm_5_3", "messages": HI})
    assert refused(chat) == (402, "Insufficient credit balance")


def test_faults_reach_jobs_by_name(client: httpx.Client, frozen: World, world: World) -> None:
    world.pace = 0
    world.faults.add({"kind": "job_error", "text": "CUDA out of memory", "match": {"path": "flux"}})
    assert ask(client, "stable_diffusion_xl_turbo", input={"prompt": "x"})["state"] == "success"
    assert ask(client, "flux", input={"prompt": "x"})["error_message"] == "CUDA out of memory"
    world.faults.add({"kind": "null_output"})
    empty = ask(client, "gpt_oss_120b", input={"messages": HI, "stream": False})
    assert (empty["state"], empty["output"]) == ("success", {"message": None})
    world.faults.add({"kind": "quota"})
    assert client.post(TURBO, json={"input": {"prompt": "x"}}).status_code == 429
    world.faults.add({"kind": "slow_job", "seconds": 120})
    slow = ask(client, "flux", wait=0, input={"prompt": "x"})
    assert state_after(client, slow["id"], "pending")["state"] == "processing"
    world.clock.advance(121)
    assert state_after(client, slow["id"], "processing")["state"] == "success"


def test_a_capacity_refusal_is_followed_by_success(client: httpx.Client, world: World) -> None:
    body = {"status": "error", "message": "No instances available - try again later"}
    world.faults.add({"kind": "status", "status": 409, "body": body, "match": {"path": "^/infer_request/"}})
    assert refused(client.post(TURBO, json={"input": {"prompt": "x"}}))[0] == 409
    assert ask(client, "stable_diffusion_xl_turbo", input={"prompt": "x"})["state"] == "success"


def test_the_list_of_a_project_has_the_newest_first_and_chats_too(client: httpx.Client, world: World) -> None:
    first = ask(client, "stable_diffusion_xl_turbo", input={"prompt": "x"})
    client.post("/infer_request/chat/completions", json={"model": "glm_5_3", "messages": HI, "stream": False})
    body = client.get(f"/infer_request/{world.project_id}/list").json()["body"]
    assert [job["id"] for job in body["infer_requests"]][1:] == [first["id"]]
    assert body["infer_requests"][0]["input"]["messages"] == HI
    second = client.get(f"/infer_request/{world.project_id}/list", params={"page": 1, "number": 1}).json()["body"]
    assert [job["id"] for job in second["infer_requests"]] == [first["id"]]


def test_a_reset_world_knows_no_jobs_and_is_not_charged_for_old_ones(client: httpx.Client, frozen: World) -> None:
    job = ask(client, "flux", wait=0, input={"prompt": "x"})
    frozen.reset()
    assert client.get(f"/infer_request/{job['id']}").status_code == 404
    frozen.clock.advance(60)
    assert ask(client, "kokoro_82m", wait=0, input={"text": "x", "voice": "af_sky"})["state"] == "pending"
    frozen.clock.advance(60)
    listed = client.get(f"/infer_request/{frozen.project_id}/list").json()["body"]["infer_requests"]
    assert state_after(client, listed[0]["id"], "pending")["state"] in ("processing", "success")
    assert not any("flux" in charge.why for charge in frozen.charges)


def test_the_sandbox_answers_plain_json_that_any_client_can_read(client: httpx.Client) -> None:
    answer = client.get("/service/list")
    assert answer.headers["content-type"] == "application/json"
    assert json.loads(answer.text)["status"] == "success"
