import functools

import attr


@attr.s(eq=False)
class Driver:
    target = attr.ib()
    name = attr.ib(default=None)

    def __attrs_post_init__(self):
        """The target gives the driver what it binds to, by the name of the resource's class."""
        self.active = False
        for name, kinds in self.bindings.items():
            setattr(self, name, next(one for one in self.target.resources if type(one).__name__ in kinds))

    @staticmethod
    def check_active(function):
        @functools.wraps(function)
        def checked(self, *args, **kwargs):
            if not self.active:
                raise RuntimeError(f"{type(self).__name__} has not been activated")
            return function(self, *args, **kwargs)
        return checked
