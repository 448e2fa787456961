"""The VM types of the simulated cloud (wire 6, 7.1). Prices are plausible, only two of them were ever observed."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final


@dataclass(frozen=True)
class VmType:
    """One machine type; `price_hr` is in 1/10,000 USD per hour, as the cloud writes prices of nodes."""

    id: str
    name: str
    gpu: str
    gpu_count: int
    vram_gb: int
    cpu: int
    memory_gb: int
    price_hr: int

    @property
    def cents_per_hour(self) -> Decimal:
        """The price in US cents."""
        return Decimal(self.price_hr) / 100

    def describe(self) -> dict[str, Any]:
        """The item of PF-1."""
        return {
            "id": self.id,
            "name": self.name,
            "gpu": self.gpu,
            "gpu_count": self.gpu_count,
            "vram_gb": self.vram_gb,
            "cpu": self.cpu,
            "memory_gb": self.memory_gb,
            "price_hr": str(self.price_hr),
        }


VM_TYPES: Final[dict[str, VmType]] = {
    vm.id: vm
    for vm in (
        VmType("vm_gt1", "G-T4_16GB-x1", "NVIDIA T4", 1, 16, 4, 16, 4000),
        VmType("vm_gt2", "G-T4_16GB-x2", "NVIDIA T4", 2, 32, 8, 32, 8000),
        VmType("vm_gv1", "G-V100_16GB-x1", "NVIDIA V100", 1, 16, 8, 64, 9500),
        VmType("vm_gv2", "G-V100_16GB-x2", "NVIDIA V100", 2, 32, 16, 128, 19000),
        VmType("vm_ga1", "G-A100_80GB-x1", "NVIDIA A100", 1, 80, 12, 170, 16900),
        VmType("vm_gh100x2", "G-H100_80GB-x2", "NVIDIA H100", 2, 160, 52, 400, 45800),
        VmType("vm_gh200x1", "G-H200-x1", "NVIDIA H200", 1, 141, 24, 240, 24900),
    )
}
