"""The walls around a submission. Each is a mechanism of the kernel that needs no root."""
