/* A disk and a clock that can be told to fail, for one process: preloaded into the agent of a seat.

   Environment: FAULTS_DATA (folder whose files count), FAULTS_CONTROL (page of control.py), FAULTS_LOG (log of what
   was written), FAULTS_BOOT (file that names the boot). Every change of a file below the folder is noted in the log with its bytes before it happens and
   marked with its result after; disk_log.py builds from it what a disk would hold after a power cut. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define LOG_BYTES (192L * 1024 * 1024)
#define PENDING INT64_MIN
#define MAX_FD 4096
#define BOOT "/proc/sys/kernel/random/boot_id"
enum { WRITE = 1, TRUNCATE, CREATE, RENAME, UNLINK, SYNC, MKDIR };
enum { SOUND, FULL, READ_ONLY };

struct control { int64_t mode, free_bytes, clock_ns, used; };
struct entry { uint32_t size, op; uint64_t inode; int64_t offset, result; uint32_t first, second; char data[]; };

static struct control *control;
static char *log_at;
static const char *folder;
static size_t folder_length;
static uint64_t inodes[MAX_FD];
static unsigned char is_folder[MAX_FD];

#define REAL(name) static __typeof__(&name) real; if (!real) real = dlsym(RTLD_NEXT, #name)

static void *map(const char *name, size_t size) {
    const char *path = getenv(name);
    int fd = path ? (int)syscall(257 /* openat */, AT_FDCWD, path, O_RDWR) : -1;
    void *at = fd < 0 ? MAP_FAILED : mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    return at == MAP_FAILED ? NULL : at;
}

__attribute__((constructor)) static void begin(void) {
    folder = getenv("FAULTS_DATA");
    folder_length = folder ? strlen(folder) : 0;
    log_at = map("FAULTS_LOG", LOG_BYTES);
    control = map("FAULTS_CONTROL", 4096);
}

static int is_ours(const char *path) {
    if (!control || !log_at || !folder || strncmp(path, folder, folder_length) || path[folder_length] != '/') return 0;
    size_t length = strlen(path);
    return !(length > 4 && !strcmp(path + length - 4, "-shm")) && !strstr(path, "/agent.lock");
}

static uint64_t find(int fd) { return control && fd >= 0 && fd < MAX_FD ? inodes[fd] : 0; }

/* An entry of the log; its bytes are complete before its size is, so that a killed process leaves no half one. */
static struct entry *note(uint32_t op, uint64_t inode, int64_t offset, const void *first, size_t a, const void *second,
                          size_t b) {
    size_t size = (sizeof(struct entry) + a + b + 7) & ~7UL;
    int64_t at = __atomic_fetch_add(&control->used, (int64_t)size, __ATOMIC_SEQ_CST);
    if (at + (int64_t)size > LOG_BYTES) abort();
    struct entry *entry = (struct entry *)(log_at + at);
    entry->result = PENDING;
    entry->op = op;
    entry->inode = inode;
    entry->offset = offset;
    entry->first = (uint32_t)a;
    entry->second = (uint32_t)b;
    if (a) memcpy(entry->data, first, a);
    if (b) memcpy(entry->data + a, second, b);
    __atomic_store_n(&entry->size, (uint32_t)size, __ATOMIC_SEQ_CST);
    return entry;
}

static void done(struct entry *entry, int64_t result) {
    int error = errno;
    __atomic_store_n(&entry->result, result, __ATOMIC_SEQ_CST);
    errno = error;
}

/* How many of the bytes fit; -1 with errno when the disk refuses. */
static ssize_t fit(int fd, int64_t offset, size_t length) {
    struct stat now;
    if (control->mode == READ_ONLY) { errno = EROFS; return -1; }
    if (control->mode != FULL || fstat(fd, &now)) return (ssize_t)length;
    int64_t more = offset + (int64_t)length - now.st_size;
    if (more <= 0) return (ssize_t)length;
    int64_t left = __atomic_sub_fetch(&control->free_bytes, more, __ATOMIC_SEQ_CST);
    if (left >= 0) return (ssize_t)length;
    __atomic_add_fetch(&control->free_bytes, more, __ATOMIC_SEQ_CST);
    errno = ENOSPC;
    return -1;
}

/* Opening and naming. */

static int finish_open(int fd, const char *path, int flags, int was_there) {
    struct stat now;
    if (fd < 0 || fd >= MAX_FD || fstat(fd, &now)) return fd;
    inodes[fd] = now.st_ino;
    is_folder[fd] = S_ISDIR(now.st_mode);
    if (!was_there && !is_folder[fd])
        done(note(CREATE, now.st_ino, 0, path + folder_length + 1, strlen(path) - folder_length - 1, 0, 0), 0);
    else if ((flags & O_TRUNC) && !is_folder[fd]) done(note(TRUNCATE, now.st_ino, 0, 0, 0, 0, 0), 0);
    return fd;
}

static int refuse_open(int flags, int was_there) {
    int changes = (flags & O_ACCMODE) != O_RDONLY || (flags & O_CREAT && !was_there);
    if (control->mode == READ_ONLY && changes) return errno = EROFS, 1;
    if (control->mode == FULL && !was_there && flags & O_CREAT && control->free_bytes <= 0) return errno = ENOSPC, 1;
    return 0;
}

static int open_with(int (*real)(int, const char *, int, ...), int at, const char *path, int flags, mode_t mode) {
    char whole[PATH_MAX];
    const char *named = path;
    struct stat now;
    if (path[0] != '/' && at == AT_FDCWD && getcwd(whole, sizeof whole) && strlen(whole) + strlen(path) + 2 < PATH_MAX)
        named = strcat(strcat(whole, "/"), path);
    if (!strcmp(path, BOOT) && getenv("FAULTS_BOOT")) path = named = getenv("FAULTS_BOOT");
    int ours = named[0] == '/' && is_ours(named), was_there = ours && !stat(named, &now);
    if (ours && refuse_open(flags, was_there)) return -1;
    int fd = real(at, path, flags, mode);
    if (fd >= 0 && fd < MAX_FD) inodes[fd] = 0;
    return ours ? finish_open(fd, named, flags, was_there) : fd;
}

#define OPENAT(name) int name(int at, const char *path, int flags, ...) { \
    REAL(name); va_list more; va_start(more, flags); mode_t mode = va_arg(more, mode_t); va_end(more); \
    return open_with(real, at, path, flags, mode); }
#define OPEN(name, by) int name(const char *path, int flags, ...) { \
    static int (*real)(int, const char *, int, ...); if (!real) real = dlsym(RTLD_NEXT, #by); \
    va_list more; va_start(more, flags); mode_t mode = va_arg(more, mode_t); va_end(more); \
    return open_with(real, AT_FDCWD, path, flags, mode); }
OPENAT(openat)
OPENAT(openat64)
OPEN(open, openat)
OPEN(open64, openat64)

int close(int fd) {
    REAL(close);
    if (fd >= 0 && fd < MAX_FD) inodes[fd] = 0;
    return real(fd);
}

static int64_t count_bytes(const char *path) {
    struct stat now;
    return !stat(path, &now) && now.st_nlink == 1 ? now.st_size : 0;
}

int rename(const char *from, const char *to) {
    REAL(rename);
    if (!is_ours(from) || !is_ours(to)) return real(from, to);
    if (control->mode == READ_ONLY) return errno = EROFS, -1;
    struct entry *entry = note(RENAME, 0, 0, from + folder_length + 1, strlen(from) - folder_length - 1,
                               to + folder_length + 1, strlen(to) - folder_length - 1);
    int result = real(from, to);
    return done(entry, result), result;
}

int unlink(const char *path) {
    REAL(unlink);
    if (!is_ours(path)) return real(path);
    if (control->mode == READ_ONLY) return errno = EROFS, -1;
    int64_t size = count_bytes(path);
    struct entry *entry = note(UNLINK, 0, 0, path + folder_length + 1, strlen(path) - folder_length - 1, 0, 0);
    int result = real(path);
    if (!result) __atomic_add_fetch(&control->free_bytes, size, __ATOMIC_SEQ_CST);
    return done(entry, result), result;
}

int mkdir(const char *path, mode_t mode) {
    REAL(mkdir);
    if (!is_ours(path)) return real(path, mode);
    if (control->mode == READ_ONLY) return errno = EROFS, -1;
    struct entry *entry = note(MKDIR, 0, 0, path + folder_length + 1, strlen(path) - folder_length - 1, 0, 0);
    int result = real(path, mode);
    return done(entry, result), result;
}

/* Bytes. */

static int64_t find_offset(int fd) {
    struct stat now;
    if (fcntl(fd, F_GETFL) & O_APPEND) return fstat(fd, &now) ? 0 : now.st_size;
    return lseek(fd, 0, SEEK_CUR);
}

ssize_t write(int fd, const void *bytes, size_t length) {
    REAL(write);
    if (!find(fd)) return real(fd, bytes, length);
    int64_t offset = find_offset(fd);
    if (fit(fd, offset, length) < 0) return -1;
    struct entry *entry = note(WRITE, find(fd), offset, bytes, length, 0, 0);
    ssize_t result = real(fd, bytes, length);
    return done(entry, result), result;
}

#define PWRITE(name, off) ssize_t name(int fd, const void *bytes, size_t length, off offset) { \
    REAL(name); if (!find(fd)) return real(fd, bytes, length, offset); \
    if (fit(fd, offset, length) < 0) return -1; \
    struct entry *entry = note(WRITE, find(fd), offset, bytes, length, 0, 0); \
    ssize_t result = real(fd, bytes, length, offset); \
    return done(entry, result), result; }
PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)

ssize_t writev(int fd, const struct iovec *pieces, int count) {
    REAL(writev);
    if (!find(fd)) return real(fd, pieces, count);
    ssize_t total = 0;
    for (int i = 0; i < count; i++) {
        ssize_t result = write(fd, pieces[i].iov_base, pieces[i].iov_len);
        if (result < 0) return total ? total : -1;
        total += result;
    }
    return total;
}

#define FTRUNCATE(name, off) int name(int fd, off length) { \
    REAL(name); if (!find(fd)) return real(fd, length); \
    if (control->mode == READ_ONLY) return errno = EROFS, -1; \
    struct entry *entry = note(TRUNCATE, find(fd), length, 0, 0, 0, 0); \
    int result = real(fd, length); \
    return done(entry, result), result; }
FTRUNCATE(ftruncate, off_t)
FTRUNCATE(ftruncate64, off64_t)

#define FALLOCATE(name, off) int name(int fd, off offset, off length) { \
    REAL(name); if (!find(fd)) return real(fd, offset, length); \
    if (fit(fd, offset, (size_t)length) < 0) return errno; \
    int result = real(fd, offset, length); \
    if (!result) done(note(TRUNCATE, find(fd), offset + length, 0, 0, 0, 0), 0); \
    return result; }
FALLOCATE(posix_fallocate, off_t)
FALLOCATE(posix_fallocate64, off64_t)

#define FSYNC(name) int name(int fd) { \
    REAL(name); uint64_t inode = find(fd); if (!inode) return real(fd); \
    if (control->mode == READ_ONLY) return errno = EIO, -1; \
    struct entry *entry = note(SYNC, is_folder[fd] ? 0 : inode, 0, 0, 0, 0, 0); \
    int result = real(fd); \
    return done(entry, result), result; }
FSYNC(fsync)
FSYNC(fdatasync)

/* What is free. */

#define STATVFS(name) int name(const char *path, struct name *told) { \
    REAL(name); int result = real(path, told); \
    if (!result && control && control->mode == FULL && folder && !strncmp(path, folder, folder_length)) { \
        int64_t left = __atomic_load_n(&control->free_bytes, __ATOMIC_SEQ_CST); \
        told->f_bavail = told->f_bfree = left > 0 ? (uint64_t)left / told->f_frsize : 0; } \
    return result; }
STATVFS(statvfs)
STATVFS(statvfs64)

/* The wall clock. */

int clock_gettime(clockid_t id, struct timespec *now) {
    REAL(clock_gettime);
    int result = real(id, now);
    if (!result && id == CLOCK_REALTIME && control) now->tv_sec += control->clock_ns / 1000000000;
    return result;
}

time_t time(time_t *told) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (told) *told = now.tv_sec;
    return now.tv_sec;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    struct timespec found;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &found);
    now->tv_sec = found.tv_sec;
    now->tv_usec = found.tv_nsec / 1000;
    return 0;
}
