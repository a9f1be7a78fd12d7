def step(args=()):
    return lambda function: function
