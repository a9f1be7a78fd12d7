import pathlib
import shutil


class ManagedFile:
    """A file that a resource needs: there already, or copied into the exporter's folder."""

    def __init__(self, path, resource):
        self.path = pathlib.Path(path).resolve(strict=True)
        self.resource = resource

    def sync_to_resource(self):
        if self.resource.folder:
            self.path = pathlib.Path(shutil.copy(self.path, self.resource.folder))

    def get_remote_path(self):
        return str(self.path)
