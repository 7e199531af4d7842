/* A slower disk: preloaded into a server, it makes every fsync and fdatasync take SLOW_FSYNC_MS longer. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>

static void wait_longer(void) {
    static int milliseconds = -1;
    if (milliseconds < 0) {
        const char *said = getenv("SLOW_FSYNC_MS");
        milliseconds = said ? atoi(said) : 0;
    }
    if (milliseconds > 0) usleep(milliseconds * 1000);
}

int fsync(int file) {
    static int (*real)(int);
    if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    wait_longer();
    return real(file);
}

int fdatasync(int file) {
    static int (*real)(int);
    if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    wait_longer();
    return real(file);
}
