import subprocess


class ProcessWrapper:
    def check_output(self, command, print_on_silent_log=False):
        run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        if print_on_silent_log and run.returncode == 0:
            print(run.stdout.decode())
        run.check_returncode()
        return run.stdout


processwrapper = ProcessWrapper()
