from tests.faults.conftest import rig

__all__ = ["rig"]
