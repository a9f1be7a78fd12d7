"""In place of labgrid: what a driver uses of it, in one process and without udev."""
