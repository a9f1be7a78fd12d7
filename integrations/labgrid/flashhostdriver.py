"""labgrid driver that writes firmware by flashhost, on the exporter that has the probe."""
import attr
from labgrid.driver.common import Driver
from labgrid.factory import target_factory
from labgrid.protocol import BootstrapProtocol
from labgrid.step import step
from labgrid.util.helper import processwrapper
from labgrid.util.managedfile import ManagedFile


@target_factory.reg_driver
@attr.s(eq=False)
class FlashhostDriver(Driver, BootstrapProtocol):
    """load(filename) writes a file, by default the image that the environment names.

    image: a name of the environment's `images`. config: a board file. args: further options for flashhost.
    """

    bindings = {"interface": {"USBDebugger", "NetworkUSBDebugger"}}

    image = attr.ib(default=None, validator=attr.validators.optional(attr.validators.instance_of(str)))
    config = attr.ib(default=None, validator=attr.validators.optional(attr.validators.instance_of(str)))
    args = attr.ib(default=attr.Factory(list), validator=attr.validators.instance_of(list))

    def __attrs_post_init__(self):
        super().__attrs_post_init__()
        self.tool = "flashhost"
        if self.target.env:
            self.tool = self.target.env.config.get_tool("flashhost")
            if self.config:
                self.config = self.target.env.config.resolve_path(self.config)

    def _on_exporter(self, filename):
        file = ManagedFile(filename, self.interface)
        file.sync_to_resource()
        return file.get_remote_path()

    @Driver.check_active
    @step(args=["filename"])
    def load(self, filename=None):
        if filename is None:
            if self.image is None:
                raise ValueError("FlashhostDriver: load() needs a file, or the driver an `image` in the environment")
            filename = self.target.env.config.get_image_path(self.image)
        board = ["--config", self._on_exporter(self.config)] if self.config else []
        # A USB port is a place on the bench, also for probes with equal serial numbers.
        command = [self.tool, *board, "--probe", f"usb:{self.interface.path}", *self.args, self._on_exporter(filename)]
        processwrapper.check_output(self.interface.wrap_command(command), print_on_silent_log=True)
