class TargetFactory:
    def __init__(self):
        self.drivers = {}

    def reg_driver(self, cls):
        self.drivers[cls.__name__] = cls
        return cls


target_factory = TargetFactory()
