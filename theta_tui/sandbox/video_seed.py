"""The videos of the demo: one that is ready, one being transcoded, and a camera that is live."""

from __future__ import annotations

from theta_tui.sandbox.footage import make_video
from theta_tui.sandbox.livestreams import INGESTORS, make_stream
from theta_tui.sandbox.world import World

_DAY = 86400.0


def seed_videos(world: World) -> None:
    """Fill the video account of a fresh world."""
    tour = {
        "source_uri": "https://files.example.com/product-tour.mp4",
        "file_name": "product-tour.mp4",
        "resolutions": [360, 720, 1080],
        "metadata": {"name": "Product tour", "owner": {"id": 7, "team": "marketing"}},
    }
    talk = {
        "source_uri": "https://files.example.com/all-hands.mov",
        "file_name": "all-hands.mov",
        "resolutions": [720, 1080, 2160],
        "metadata": {"name": "All hands", "owner": {"id": 12, "team": "people"}},
    }
    make_video(world, tour, age=6.3 * _DAY)
    make_video(world, talk, age=50.0)
    camera = make_stream(world, "Workshop camera")
    camera.select(INGESTORS[0]["id"], world.clock.elapsed(), world.clock.elapsed())
