from tests.faults.conftest import prove, rig

__all__ = ["prove", "rig"]
