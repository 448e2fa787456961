"""The table of the wire: for every command an example, the requests it must send and the answer's shape.

It is written from the wire specification's sections 2, 4, 5, 7 to 11 and 14 (numbers in the comments), not from the
code. Arguments are spelt as section 14 spells them.
"""

from __future__ import annotations

from typing import Any
from unittest.mock import ANY

from theta_tui.shapes.upload_infer import DOT

from .wire_expected import BEARER, KEY, NOBODY, SIGNED, VIDEO, Bytes, Parts, Query, Row, Sent

PROJECT: Query = (("project_id", "$project"),)
HI = [{"role": "user", "content": "hi"}]
TRIAL = {"deployment_template_id": "$standard", "vm_id": "vm_gt1", "min_replicas": 1}
PICTURE = {"service": "stable_diffusion_xl_turbo", "payload": {"prompt": "a red lighthouse"}}
FAQ = {"filename": "faq.txt", "content": "Free within 30 days.", "contentType": "text/plain"}
FAQ_PART = ("faq.txt", "text/plain", b"Free within 30 days.")
ABOUT = {"query_type": "text", "description": "FAQ"}
NAMED = {**ABOUT, "type": "file", "filename": "faq.txt"}
TOOL = {"type": "function", "function": {"name": "clock", "parameters": {"type": "object", "properties": {}}}}
DRM = [{"chain_id": 361, "nft_collection": "0x0000000000000000000000000000000000000001"}]
WARM_UP = [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "Good day."}]
TOOLS = {"retriever.type": "rerank", "agent.tools": {"web_search": False, "text_to_sql": True}}
CLIP = {"filename": "clip.mp4", "content": "AAAAGGZ0eXBpc29t", "encoding": "base64"}
HASH = "0x0000000000000000000000000000000000000000000000000000000000000def"
RECIPIENT = "0x9f1233798e905e173560071255140b4a8abd3ec6"


def od(method: str, path: str, query: Query = (), body: Any = None) -> Sent:
    return Sent(method, path, BEARER, query, body)


def ct(method: str, path: str, query: Query = (), body: Any = None) -> Sent:
    return Sent(method, path, KEY, query, body)


def vd(method: str, path: str, query: Query = (), body: Any = None) -> Sent:
    return Sent(method, path, VIDEO, query, body)


def rpc(node: str, method: str, **params: Any) -> tuple[Sent, ...]:
    """One call of section 11: params are an array with one object, or empty."""
    body = {"jsonrpc": "2.0", "id": ANY, "method": method, "params": [params] if params else []}
    return (Sent("POST", f"/rpc/{node}", NOBODY, (), body),)


def pages(page: int, number: int) -> Query:
    return (("page", str(page)), ("number", str(number)))


OD_1 = Sent("GET", "/service/list", NOBODY, (("expand", "template_id"),))
OD_6 = od("GET", "/infer_request/$request")
CT_1 = ct("GET", "/deployment_template/list_standard_templates", (("category", "serving"), *pages(0, 50)))
CT_9 = ct("GET", "/deployment/list", PROJECT)
PF_1 = Sent("GET", "/resource/vm/list", NOBODY)
PF_2 = ct("GET", "/balance", (("orgID", "$org"),))
PF_3 = ct("GET", "/project/$project")
VD_4 = vd("GET", "/video/$video")
VD_5 = vd("GET", "/video/$account/list", (("page", "1"), ("number", "100")))
VD_10 = vd("GET", "/service_account/$account/streams")
DI_1 = Sent("GET", "/endpoint/$suffix/v1/models", NOBODY)

LOOKS = (
    *(OD_1, CT_9, PF_1, PF_2, PF_3),
    ct("GET", "/project/$project/users"),
    ct("GET", "/deployment_template/list_custom_templates", (*PROJECT, *pages(0, 200))),
)
"""Reads that a command may make in passing: for prices, ids and names, and to see how things stand."""

ROWS: dict[str, Row | tuple[Row, ...]] = {
    # 7: the platform
    "theta.health": Row({}, (PF_1,), lambda v: v.ok and v.machine_types > 0),
    "theta.project.get": Row({}, (PF_3,), lambda v: v.id.startswith("prj_") and v.tva_id.startswith("srvacc_")),
    "theta.project.update": Row(
        {"name": "Renamed"}, (ct("PUT", "/project/$project", (), {"name": "Renamed"}),), lambda v: v.name == "Renamed"
    ),
    "theta.project.members": Row(
        {}, (ct("GET", "/project/$project/users"),), lambda v: {one.role for one in v.members} >= {"admin", "viewer"}
    ),
    "theta.project.addMember": Row(
        {"userId": "usr_new", "role": "viewer"},
        (ct("POST", "/project/$project/user", (), {"user_id": "usr_new", "role": "viewer"}),),
        lambda v: (v.id, v.role, v.disabled) == ("usr_new", "viewer", False),
    ),
    "theta.project.disableMember": Row(
        {"userId": "$member"}, (ct("DELETE", "/project/$project/user/$member"),), lambda v: v.disabled
    ),
    "theta.project.enableMember": Row(
        {"userId": "$member"}, (ct("PUT", "/project/$project/user/$member/enable"),), lambda v: not v.disabled
    ),
    # 14.1; on-demand is asked with a read (OD-7), not with an upload slot
    "theta.auth.capabilities": Row(
        {"orgId": "$org"},
        (
            *(CT_9, PF_2, OD_1, od("GET", "/infer_request/$project/list")),
            vd("GET", "/video/$account/list", pages(1, 1)),
        ),
        lambda v: {one.name for one in v.capabilities if one.verified} >= {"controller", "balance", "video"},
        in_order=False,
    ),
    "theta.setup": Row({}, (), lambda v: len(v.items) > 5 and bool(v.next_steps)),
    # 2: on-demand
    "theta.ondemand.listServices": Row(
        {"category": "image"}, (OD_1,), lambda v: {one.category for one in v.services} == {"image"}
    ),
    "theta.ondemand.getService": Row(
        {"service": "qwen3"}, (od("GET", "/service/qwen3"),), lambda v: v.default_prediction == "completions"
    ),
    "theta.ondemand.infer": (
        Row(
            {**PICTURE, "options": {"wait": 5, "prediction": "predict"}},
            (
                od(
                    *("POST", "/infer_request/stable_diffusion_xl_turbo", (("wait", "5"), ("prediction", "predict"))),
                    {"input": {"prompt": "a red lighthouse"}},
                ),
            ),
            lambda v: v.state == "success" and v.id.startswith("infr_rqst_"),
        ),
        Row(
            {
                "service": "qwen3",
                "input": {"messages": HI},
                "variant": "parallax_32b_fp8",
                "webhook": "https://hooks.example.com/done",
            },
            (
                od(
                    *("POST", "/infer_request/qwen3", (("wait", "30"),)),
                    {
                        "input": {"messages": HI, "stream": False},
                        "variant": "parallax_32b_fp8",
                        "webhook": "https://hooks.example.com/done",
                    },
                ),
            ),
            lambda v: v.state == "success",
        ),
    ),
    "theta.ondemand.chat": (
        Row(
            {"messages": HI},
            (
                od(
                    *("POST", "/infer_request/qwen3", (("prediction", "completions"), ("wait", "60"))),
                    {
                        "input": {"messages": HI, "max_tokens": 500, "temperature": 0.5, "top_p": 0.7, "stream": True},
                        "variant": "parallax_32b_fp8",
                    },
                ),
            ),
            lambda v: v.complete and v.text and v.usage["total_tokens"] > 0,
        ),
        Row(
            {"messages": HI, "max_tokens": 9999, "temperature": 5, "top_p": 3, "stream": False, "wait": 500},
            (
                od(
                    *("POST", "/infer_request/qwen3", (("prediction", "completions"), ("wait", "60"))),
                    {
                        "input": {"messages": HI, "max_tokens": 5000, "temperature": 2, "top_p": 1, "stream": False},
                        "variant": "parallax_32b_fp8",
                    },
                ),
            ),
            lambda v: v.complete and v.text,
        ),
        Row(
            {"messages": HI, "service": "glm_5_3", "reasoning_effort": "high", "tools": [TOOL], "toolChoice": "none"},
            (
                od(
                    *("POST", "/infer_request/chat/completions", ()),
                    {
                        "model": "glm_5_3",
                        "messages": HI,
                        "max_tokens": 500,
                        "temperature": 0.5,
                        "top_p": 0.7,
                        "stream": False,
                        "reasoning_effort": "high",
                        "tools": [TOOL],
                        "tool_choice": "none",
                    },
                ),
            ),
            lambda v: v.complete and v.text and v.reasoning,
        ),
        Row(
            {"messages": HI, "service": "gpt_oss_120b"},
            (
                od(
                    *("POST", "/infer_request/chat/completions", ()),
                    {
                        "model": "gpt_oss_120b",
                        "messages": HI,
                        "max_tokens": 1800,
                        "temperature": 0.5,
                        "top_p": 0.7,
                        "stream": False,
                        "reasoning_effort": "low",
                    },
                ),
            ),
            lambda v: v.complete and v.text,
        ),
    ),
    "theta.ondemand.status": Row(
        {"requestId": "$request"}, (OD_6,), lambda v: v.state == "success", first=("theta.ondemand.infer", PICTURE)
    ),
    "theta.ondemand.listRequests": Row(
        {},
        (od("GET", "/infer_request/$project/list"),),
        lambda v: len(v.requests) == 1,
        first=("theta.ondemand.infer", PICTURE),
    ),
    "theta.ondemand.pollUntilDone": Row(
        {"requestId": "$request", "options": {"intervalMs": 1000, "timeoutMs": 5000, "maxAttempts": 3}},
        (OD_6,),
        lambda v: v.terminal_state == "success" and v.attempts == 1,
        first=("theta.ondemand.infer", PICTURE),
    ),
    "theta.ondemand.inputPresignedUrls": (
        Row(
            {"service": "whisper", "inputField": "audio_filename"},
            (od("POST", "/infer_request/whisper/input_presigned_urls", (), {"input_fields": ["audio_filename"]}),),
            lambda v: [one.field for one in v.slots] == ["audio_filename"],
        ),
        Row(
            {"service": "whisper", "input_fields": ["audio_filename"], "prediction": "stt"},
            (od("POST", "/infer_request/whisper/stt/input_presigned_urls", (), {"input_fields": ["audio_filename"]}),),
            lambda v: v.slots[0].presigned_url,
        ),
    ),
    # 15.4
    "theta.ondemand.inferFiles": Row(
        {"service": "blip", "files": {"input_img": {"filename": "dot.png", "content": DOT}}},
        (
            od("POST", "/infer_request/blip/input_presigned_urls", (), {"input_fields": ["input_img"]}),
            Sent("PUT", "/upload/*", NOBODY, SIGNED, Bytes(ANY)),
            od("POST", "/infer_request/blip", (("wait", "30"),), {"input": {"input_img": ANY}}),
        ),
        lambda v: v.terminal_state == "success",
        also=(od("GET", "/infer_request/*"),),
    ),
    "theta.route": Row({"task": "image"}, (OD_1,), lambda v: v.take in {one.service for one in v.candidates}),
    "theta.route.run": Row(
        {"task": "image", "input": {"prompt": "a red lighthouse"}},
        (od("POST", "/infer_request/*", (("wait", "30"), ("prediction", ANY)), {"input": {"prompt": ANY}}),),
        lambda v: v.job.state == "success" and not v.switches,
    ),
    # 9: a deployment without credentials is public
    "theta.inference.models": Row({"deployment": "$suffix"}, (DI_1,), lambda v: len(v.models) == 1),
    "theta.inference.chat": Row(
        {"deployment": "$suffix", "body": {"messages": HI}},
        (
            DI_1,
            Sent(
                *("POST", "/endpoint/$suffix/v1/chat/completions", NOBODY, ()),
                {"model": ANY, "messages": HI, "max_tokens": 600, "temperature": 0.5, "top_p": 0.7, "stream": False},
            ),
        ),
        lambda v: v.complete and v.text,
    ),
    "theta.inference.probe": (
        Row({"deployment": "$suffix"}, (DI_1,), lambda v: v.status == 200),
        Row(
            {"deployment": "$gradio", "probe": "gradio"},
            (Sent("GET", "/endpoint/$gradio/config", NOBODY),),
            lambda v: v.status == 200,
        ),
    ),
    "theta.inference.ready": Row(
        {"deployment": "$suffix", "probe": "openai", "timeoutMs": 5000, "intervalMs": 500},
        (DI_1,),
        lambda v: v.ready and v.probe == "openai",
    ),
    # 4: deployments
    "theta.deployments.list": Row({}, (CT_9,), lambda v: len(v.deployments) == 5 and v.deployments[0].base_id),
    "theta.deployments.routeProbe": Row(
        {}, (CT_9, ct("GET", "/deployments/list", PROJECT)), lambda v: [one.works for one in v.routes] == [True, False]
    ),
    "theta.deployments.inspect": Row(
        {"shard": "$shard", "suffix": "$suffix"},
        (ct("GET", "/deployment/$shard/$suffix", PROJECT),),
        lambda v: v.name == "support-chat" and v.endpoint,
    ),
    "theta.deployments.listStandard": Row(
        {"category": "serving"}, (CT_1,), lambda v: all(one.id.startswith("img_") for one in v.templates)
    ),
    "theta.deployments.listVm": Row({}, (PF_1,), lambda v: "vm_gt1" in {one.id for one in v.vms}),
    "theta.deployments.create": Row(
        {
            "payload": {
                **TRIAL,
                "max_replicas": 2,
                "name": "wire-check",
                "env_vars": {"MODE": "test"},
                "annotations": {"nickname": "Wire"},
                "auth_username": "client",
                "auth_password": "not-real-1",
                "registry_username": "puller",
                "registry_password": "not-real-2",
                "shard": "1",
            }
        },
        (
            ct(
                *("POST", "/deployment", ()),
                {
                    **TRIAL,
                    "project_id": "$project",
                    "max_replicas": 2,
                    "name": "wire-check",
                    "env_vars": {"MODE": "test"},
                    "annotations": {"nickname": "Wire"},
                    "auth_username": "client",
                    "auth_password": "not-real-1",
                    "registry_username": "puller",
                    "registry_password": "not-real-2",
                    "shard": "1",
                },
            ),
        ),
        lambda v: v.name == "wire-check" and v.base_id and v.shard and v.suffix,
    ),
    "theta.deployments.update": Row(
        {"shard": "$shard", "suffix": "$suffix", "annotations": {"nickname": "Wire"}},
        (
            ct(
                *("PUT", "/deployment/$shard/$suffix", PROJECT),
                {"project_id": "$project", "annotations": {"nickname": "Wire"}},
            ),
        ),
        lambda v: v.name == "support-chat",
    ),
    "theta.deployments.start": Row(
        {"shard": "$stopped_shard", "suffix": "$stopped"},
        (ct("PUT", "/deployment/$stopped_shard/$stopped/start", PROJECT),),
        lambda v: v is not None,
    ),
    "theta.deployments.stop": Row(
        {"shard": "$shard", "suffix": "$suffix"},
        (ct("PUT", "/deployment/$shard/$suffix/stop", PROJECT),),
        lambda v: v is not None,
    ),
    "theta.deployments.delete": (
        Row(
            {"shard": "$shard", "suffix": "$suffix"},
            (ct("DELETE", "/deployment/$shard/$suffix", PROJECT),),
            lambda v: v is True,
        ),
        Row({"deploymentId": "$base"}, (ct("DELETE", "/deployment/base/$base", PROJECT),), lambda v: v is True),
    ),
    # 15.3
    "theta.deployments.validateDisposable": Row(
        {"payload": TRIAL, "probe": "openai", "intervalMs": 500, "readyTimeoutMs": 2000, "smokeMessage": "Say hi."},
        (
            PF_2,
            ct(
                *("POST", "/deployment", ()),
                {**TRIAL, "project_id": "$project", "name": ANY, "auth_username": ANY, "auth_password": ANY},
            ),
            od("GET", "/endpoint/*/v1/models"),
            od(
                *("POST", "/endpoint/*/v1/chat/completions", ()),
                {"model": ANY, "messages": [{"role": "user", "content": "Say hi."}], "max_tokens": 32, "stream": False},
            ),
            *(ct("DELETE", "/deployment/base/*", PROJECT), CT_9, PF_2),
        ),
        lambda v: v.complete and v.ready and v.chat.text,
        also=(od("GET", "/endpoint/*/v1/models"),),
    ),
    "theta.cleanup.pending": Row({}, (CT_9,), lambda v: [one.name for one in v.deployments] == ["oss-trial"]),
    "theta.cleanup.finish": Row(
        {},
        (CT_9, ct("DELETE", "/deployment/base/$left", PROJECT), CT_9),
        lambda v: v.deleted == ("oss-trial",) and not v.left,
    ),
    "theta.cleanup.reconcile": Row({}, (VD_10,), lambda v: [one.outcome for one in v.settled] == ["happened"]),
    "theta.deployments.listCustom": Row(
        {"page": 0, "number": 9},
        (ct("GET", "/deployment_template/list_custom_templates", (*PROJECT, *pages(0, 9))),),
        lambda v: all(one.project_id for one in v.templates),
    ),
    "theta.deployments.searchTemplates": Row(
        {"search": "llama", "category": "serving", "number": 9},
        (
            ct(
                "GET",
                "/deployment_template/standard_templates",
                (("tags", ""), ("search", "llama"), *pages(0, 9), ("category", "serving"), ("hidden", "false")),
            ),
        ),
        lambda v: "Llama" in v.templates[0].name,
    ),
    "theta.deployments.templateTags": Row(
        {}, (ct("GET", "/deployment_template/standard_template_tags"),), lambda v: "LLM" in v.tags
    ),
    "theta.templates.create": Row(
        {
            "name": "Triage",
            "description": "Ours.",
            "containerImage": "example.com/triage:1",
            "containerPort": 8000,
            "containerArgs": ["--fast"],
            "envVars": {"A": "b"},
            "tags": ["LLM"],
            "iconUrl": "https://example.com/i.png",
        },
        (
            ct(
                *("POST", "/deployment_template", ()),
                {
                    "name": "Triage",
                    "project_id": "$project",
                    "description": "Ours.",
                    "container_image": "example.com/triage:1",
                    "container_port": 8000,
                    "container_args": ["--fast"],
                    "env_vars": {"A": "b"},
                    "tags": ["LLM"],
                    "icon_url": "https://example.com/i.png",
                },
            ),
        ),
        lambda v: v.id.startswith("img_") and v.name == "Triage",
    ),
    "theta.templates.update": Row(
        {"templateId": "$custom", "description": "Newer."},
        (ct("PUT", "/deployment_template/$custom", (), {"project_id": "$project", "description": "Newer."}),),
        lambda v: v.id.startswith("img_"),
    ),
    "theta.templates.delete": Row(
        {"templateId": "$custom"}, (ct("DELETE", "/deployment_template/$custom", PROJECT),), lambda v: v is True
    ),
    # 5: compute
    "theta.ai.dedicatedDeployments.list": Row(
        {},
        (
            ct(
                *("GET", "/deployment/list"),
                (*PROJECT, ("not_template_name", "Jupyter Notebook"), ("not_template_name", "GPU Node")),
            ),
            CT_1,
        ),
        lambda v: len(v.deployments) == 3,
        in_order=False,
    ),
    "theta.ai.jupyter.list": Row(
        {},
        (ct("GET", "/deployment/list", (*PROJECT, ("template_name", "Jupyter Notebook"))),),
        lambda v: [one.name for one in v.deployments] == ["research-notes"],
    ),
    "theta.ai.gpuNode.list": Row(
        {},
        (ct("GET", "/deployment/list", (*PROJECT, ("template_name", "GPU Node"))),),
        lambda v: [one.name for one in v.deployments] == ["render-node"],
    ),
    "theta.ai.gpuCluster.list": Row({}, (ct("GET", "/cluster/list", PROJECT),), lambda v: v.clusters[0].id),
    "theta.ai.storage.list": Row(
        {}, (ct("GET", "/volume/claim", (("projectId", "$project"), *pages(1, 20))),), lambda v: v.volumes[0].id
    ),
    "theta.compute.communityNodes": Row(
        {},
        (ct("GET", "/community/nodes", (("projectId", "$project"), ("env", "prod"))),),
        lambda v: v.nodes[0].vm_id,
    ),
    "theta.billing.balance": Row({"orgId": "$org"}, (PF_2,), lambda v: v.balance > 0 and "cents" in v.unit),
    "theta.billing.balanceSnapshot": Row({"orgId": "$org"}, (PF_2,), lambda v: v.balance > 0 and v.at),
    # 8: agents
    "theta.ai.agent.list": Row(
        {}, (ct("GET", "/chatbot/list", (*PROJECT, *pages(0, 100))),), lambda v: v.agents[0].knowledge_base_id
    ),
    "theta.ai.agent.get": Row(
        {"chatbotId": "$agent"}, (ct("GET", "/chatbot/$agent", PROJECT),), lambda v: v.name and v.model
    ),
    "theta.ai.agent.create": Row(
        {
            "payload": {
                "name": "Helpdesk",
                "max_tokens": 2000,
                "temperature": 0.5,
                "system_prompt": "Be brief.",
                "warm_up_messages": WARM_UP,
                "settings": TOOLS,
            }
        },
        (
            ct(
                *("POST", "/chatbot", ()),
                {
                    "name": "Helpdesk",
                    "project_id": "$project",
                    "max_tokens": 2000,
                    "temperature": 0.5,
                    "system_prompt": "Be brief.",
                    "warm_up_messages": WARM_UP,
                    "settings": TOOLS,
                },
            ),
        ),
        lambda v: v.id and v.name == "Helpdesk",
    ),
    "theta.ai.agent.update": Row(
        {"chatbotId": "$agent", "payload": {"warm_up_messages": WARM_UP}},
        (ct("PUT", "/chatbot/$agent", (), {"project_id": "$project", "warm_up_messages": WARM_UP}),),
        lambda v: v.id,
    ),
    "theta.ai.agent.chat": Row(
        {"chatbotId": "$agent", "messages": HI, "maxTokens": 200, "temperature": 0.5},
        (
            ct("GET", "/chatbot/$agent", PROJECT),
            od(
                *("POST", "/api/v1/chatbot/$agent/chat/completions", ()),
                {"messages": HI, "max_tokens": 200, "temperature": 0.5, "stream": False},
            ),
        ),
        lambda v: v.complete and v.text,
    ),
    "theta.ai.agent.document.list": Row(
        {"chatbotId": "$agent"},
        (ct("GET", "/chatbot/$agent/document/list", (*PROJECT, *pages(0, 30))),),
        lambda v: v.documents[0].metadata["query_type"] == "text",
    ),
    "theta.ai.agent.document.get": Row(
        {"chatbotId": "$agent", "documentId": "$document"},
        (ct("GET", "/chatbot/$agent/document/$document", PROJECT),),
        lambda v: v.id.startswith("doc_"),
    ),
    "theta.ai.agent.document.create": Row(
        {"chatbotId": "$agent", "file": FAQ, "metadata": ABOUT},
        (ct("POST", "/chatbot/$agent/document", (), Parts(FAQ_PART, "$project", NAMED)),),
        lambda v: v.id and v.outcome == "created",
    ),
    "theta.ai.agent.document.update": Row(
        {"chatbotId": "$agent", "documentId": "$document", "file": FAQ, "metadata": ABOUT},
        (ct("PUT", "/chatbot/$agent/document/$document", (), Parts(FAQ_PART, "$project", NAMED)),),
        lambda v: v.outcome == "updated",
    ),
    # 10: video
    "theta.video.list": Row(
        {"serviceAccountId": "$account"},
        (vd("GET", "/video/$account/list", pages(1, 10)),),
        lambda v: all(one.id.startswith("video_") for one in v.videos),
    ),
    "theta.video.search": Row(
        {"operator": "or", "metadata": {"name": "Clip", "owner": {"id": 7}}, "file_name": "product-tour.mp4"},
        (
            vd(
                *("GET", "/video/$account/search"),
                (
                    *pages(1, 10),
                    ("operator", "or"),
                    ("name", "Clip"),
                    ("owner.id", "7"),
                    ("file_name", "product-tour.mp4"),
                ),
            ),
        ),
        lambda v: [one.file_name for one in v.videos] == ["product-tour.mp4"],
    ),
    "theta.video.videoGet": Row({"videoId": "$video"}, (VD_4,), lambda v: v.state == "success" and v.playback_uri),
    "theta.video.watch": Row({"videoId": "$video"}, (VD_4,), lambda v: v.terminal_state == "success"),
    "theta.video.uploadCreate": Row({}, (vd("POST", "/upload", (), {}),), lambda v: v.id.startswith("upload_")),
    "theta.video.videoCreate": Row(
        {
            "payload": {
                "source_uri": "https://files.example.com/clip.mp4",
                "playback_policy": "public",
                "resolutions": [360, 720],
                "drm_rules": DRM,
                "metadata": {"name": "Clip"},
                "file_name": "clip.mp4",
            }
        },
        (
            vd(
                *("POST", "/video", ()),
                {
                    "source_uri": "https://files.example.com/clip.mp4",
                    "playback_policy": "public",
                    "resolutions": [360, 720],
                    "use_drm": True,
                    "drm_rules": DRM,
                    "metadata": {"name": "Clip"},
                    "file_name": "clip.mp4",
                },
            ),
        ),
        lambda v: v.id.startswith("video_") and v.state == "created",
        also=(VD_5,),
    ),
    # 15.4
    "theta.video.upload": Row(
        {"file": CLIP},
        (
            vd("POST", "/upload", (), {}),
            Sent("PUT", "/upload/video/*", NOBODY, SIGNED, Bytes(b"\0\0\0\x18ftypisom")),
            vd(
                *("POST", "/video", ()),
                {"source_upload_id": ANY, "playback_policy": "public", "file_name": "clip.mp4"},
            ),
        ),
        lambda v: v.id.startswith("video_") and v.source_upload_id.startswith("upload_"),
        also=(VD_5, vd("GET", "/video/*")),
    ),
    "theta.video.streams": Row(
        {"status": "on"},
        (vd("GET", "/service_account/$account/streams", (("status", "on"),)),),
        lambda v: {one.status for one in v.streams} == {"on"},
    ),
    "theta.video.streamGet": Row(
        {"streamId": "$stream"}, (vd("GET", "/stream/$stream"),), lambda v: v.id.startswith("stream_")
    ),
    "theta.video.streamCreate": Row(
        {"payload": {"name": "Demo"}},
        (vd("POST", "/stream", (), {"name": "Demo"}),),
        lambda v: v.name == "Demo" and v.status == "off",
        also=(VD_10,),
    ),
    "theta.video.ingestor.list": Row(
        {}, (vd("GET", "/ingestor/filter"),), lambda v: v.ingestors[0].id.startswith("ingestor_")
    ),
    "theta.video.ingestor.select": Row(
        {"ingestorId": "$ingestor", "body": {"tva_stream": "$stream"}},
        (vd("PUT", "/ingestor/$ingestor/select", (), {"tva_stream": "$stream"}),),
        lambda v: v.stream_server.startswith("rtmp://") and v.stream_key.get_secret_value(),
    ),
    "theta.video.ingestor.unselect": Row(
        {"ingestorId": "$ingestor"}, (vd("PUT", "/ingestor/$ingestor/unselect", (), {}),), lambda v: v is not None
    ),
    # 11: JSON-RPC
    "theta.chain.version": Row({}, rpc("chain", "theta.GetVersion"), lambda v: v.version and v.git_hash),
    "theta.chain.status": Row(
        {}, rpc("chain", "theta.GetStatus"), lambda v: v.latest_finalized_block_height.isdecimal()
    ),
    "theta.chain.account": Row(
        {"address": "$wallet"}, rpc("chain", "theta.GetAccount", address="$wallet"), lambda v: "tfuelwei" in v.coins
    ),
    "theta.chain.block": Row(
        {"hash": "$block"}, rpc("chain", "theta.GetBlock", hash="$block"), lambda v: v.hash and v.height.isdecimal()
    ),
    "theta.chain.blockByHeight": Row(
        {"height": "20554"}, rpc("chain", "theta.GetBlockByHeight", height="20554"), lambda v: v.block.height == "20554"
    ),
    "theta.chain.transaction": Row(
        {"hash": HASH}, rpc("chain", "theta.GetTransaction", hash=HASH), lambda v: v.hash == HASH and v.status
    ),
    "theta.chain.pendingTransactions": Row(
        {}, rpc("chain", "theta.GetPendingTransactions"), lambda v: v.tx_hashes == ()
    ),
    "theta.chain.callSmartContract": Row(
        {"sctxBytes": "02f902f90102"},
        rpc("chain", "theta.CallSmartContract", sctx_bytes="02f902f90102"),
        lambda v: v.vm_return and v.gas_used.isdecimal(),
    ),
    "theta.chain.broadcast": Row(
        {"txBytes": "02f902f90102"},
        rpc("chain", "theta.BroadcastRawTransaction", tx_bytes="02f902f90102"),
        lambda v: v.hash and v.block["Height"],
    ),
    "theta.chain.broadcastAsync": Row(
        {"txBytes": "02f902f90102"},
        rpc("chain", "theta.BroadcastRawTransactionAsync", tx_bytes="02f902f90102"),
        lambda v: v.hash and not v.block,
    ),
    "theta.keys.list": Row({}, rpc("cli", "thetacli.ListKeys"), lambda v: len(v.addresses) == 2),
    "theta.keys.isUnlocked": Row(
        {"address": "$wallet"}, rpc("cli", "thetacli.IsKeyUnlocked", address="$wallet"), lambda v: v.unlocked
    ),
    "theta.keys.new": Row(
        {"password": "not-real-3"},
        rpc("cli", "thetacli.NewKey", password="not-real-3"),
        lambda v: v.address.startswith("0x"),
    ),
    "theta.keys.unlock": Row(
        {"address": "$wallet", "password": "$password"},
        rpc("cli", "thetacli.UnlockKey", address="$wallet", password="$password"),
        lambda v: v.unlocked,
    ),
    "theta.keys.lock": Row(
        {"address": "$wallet"}, rpc("cli", "thetacli.LockKey", address="$wallet"), lambda v: not v.unlocked
    ),
    "theta.keys.send": Row(
        {
            "chainId": "privatenet",
            "from": "$wallet",
            "to": RECIPIENT,
            "thetawei": "0",
            "tfuelwei": "1",
            "fee": "300000000000000000",
            "sequence": "7",
            "async": True,
        },
        rpc(
            *("cli", "thetacli.Send"),
            **{
                "chain_id": "privatenet",
                "from": "$wallet",
                "to": RECIPIENT,
                "thetawei": "0",
                "tfuelwei": "1",
                "fee": "300000000000000000",
                "sequence": "7",
                "async": True,
            },
        ),
        lambda v: v.hash and not v.block,
    ),
    "theta.edge.status": Row({}, rpc("edge", "edgecloud.GetStatus"), lambda v: v.price_hr and v.wallet_address),
    "theta.edge.jobs": Row(
        {"page": 0, "size": 50}, rpc("edge", "edgecloud.GetJobs", page=0, size=50), lambda v: v.jobs[0].id
    ),
    "theta.edge.deployments": Row({}, rpc("edge", "edgecloud.GetDeployments", page=0, size=50), bool),
    "theta.edge.rewards": Row({}, rpc("edge", "edgecloud.GetRewards"), bool),
    "theta.edge.setPrice": Row(
        {"price_hr": "2000"}, rpc("edge", "edgecloud.SetPrice", price_hr="2000"), lambda v: v.price_hr == 2000
    ),
}
