/* Stands between a program and the C library (LD_PRELOAD) and lets tests

   - make the n-th call that writes below a folder fail, once or from then on;
   - make the disk full for as long as a file exists;
   - write down every such call in order, with what was written;
   - set the clock of the wall to another time.

   Nothing happens until one of the shim_ functions is called. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#define FILES 65536
#define LONGEST 4096
#define REAL(name)                                                    \
    (*({                                                              \
        static __typeof__(&name) real;                                \
        if (!real)                                                    \
            real = (__typeof__(&name))dlsym(RTLD_NEXT, #name);        \
        real;                                                         \
    }))

static char watched[LONGEST];
static char full_marker[LONGEST];
static char *path_of[FILES];
static long calls, fail_at;
static int fail_with, fail_on, trace = -1;
static double clock_offset;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

void shim_watch(const char *folder) { snprintf(watched, LONGEST, "%s", folder); }
void shim_full(const char *marker) { snprintf(full_marker, LONGEST, "%s", marker); }
void shim_trace(int handle) { trace = handle; }
void shim_clock(double seconds) { clock_offset = seconds; }

void shim_fail(long nth, int error, int and_on) {
    calls = 0;
    fail_at = nth;
    fail_with = error;
    fail_on = and_on;
}

static const char *whole(const char *path, char *buffer) {
    if (path[0] == '/' || !getcwd(buffer, LONGEST))
        return path;
    size_t n = strlen(buffer);
    snprintf(buffer + n, LONGEST - n, "/%s", path);
    return buffer;
}

static int is_watched(const char *path) {
    size_t n = strlen(watched);
    return n && !strncmp(path, watched, n) && (path[n] == '/' || !path[n]);
}

static const char *file_of(int handle) {
    return handle >= 0 && handle < FILES ? path_of[handle] : NULL;
}

static void record(char what, const char *path, uint64_t at, const void *data,
                   uint64_t n) {
    if (trace < 0)
        return;
    uint32_t length = strlen(path);
    pthread_mutex_lock(&mutex);
    int kept = errno;
    char head[21];
    head[0] = what;
    memcpy(head + 1, &length, 4);
    memcpy(head + 5, &at, 8);
    memcpy(head + 13, &n, 8);
    if (REAL(write)(trace, head, 21) < 0 || REAL(write)(trace, path, length) < 0 ||
        (data && n && REAL(write)(trace, data, n) < 0))
        abort();
    errno = kept;
    pthread_mutex_unlock(&mutex);
}

/* Return what is to go wrong with a call on a watched path; 0 for nothing. */
static int fault(const char *path, int needs_room) {
    long n = __sync_add_and_fetch(&calls, 1);
    int wrong = 0;
    if (fail_at && (n == fail_at || (fail_on && n > fail_at)))
        wrong = fail_with;
    else if (needs_room && full_marker[0] && access(full_marker, F_OK) == 0)
        wrong = ENOSPC;
    if (wrong)
        record('F', path, n, NULL, 0);
    return wrong;
}

void shim_note(const char *text) { record('N', text, 0, NULL, 0); }

#define REFUSE(needs_room, answer)          \
    do {                                    \
        int wrong = fault(path, needs_room); \
        if (wrong) {                        \
            errno = wrong;                  \
            return answer;                  \
        }                                   \
    } while (0)

static int opened(int handle, const char *path, int flags) {
    if (handle >= 0 && handle < FILES) {
        path_of[handle] = strdup(path);
        if (flags & O_CREAT)
            record('C', path, 0, NULL, 0);
        if (flags & O_TRUNC)
            record('T', path, 0, NULL, 0);
    }
    return handle;
}

#define WRITES(flags) (((flags) & O_ACCMODE) != O_RDONLY || ((flags) & O_CREAT))

#define OPEN(name, real_call, ...)                                \
    int name(__VA_ARGS__, ...) {                                  \
        va_list rest;                                             \
        va_start(rest, flags);                                    \
        mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0; \
        va_end(rest);                                             \
        char buffer[LONGEST];                                     \
        const char *path = whole(given, buffer);                  \
        /* A log of shared memory holds nothing that has to last. */ \
        if (!WRITES(flags) || !is_watched(path))                  \
            return real_call;                                     \
        REFUSE(flags &O_CREAT && access(path, F_OK) != 0, -1);    \
        return opened(real_call, path, flags);                    \
    }

OPEN(open, REAL(open)(given, flags, mode), const char *given, int flags)
OPEN(open64, REAL(open64)(given, flags, mode), const char *given, int flags)
OPEN(openat, REAL(openat)(at, given, flags, mode), int at, const char *given, int flags)
OPEN(openat64, REAL(openat64)(at, given, flags, mode), int at, const char *given,
     int flags)

int close(int handle) {
    if (handle >= 0 && handle < FILES && path_of[handle]) {
        free(path_of[handle]);
        path_of[handle] = NULL;
    }
    return REAL(close)(handle);
}

ssize_t write(int handle, const void *data, size_t n) {
    const char *path = file_of(handle);
    if (!path)
        return REAL(write)(handle, data, n);
    REFUSE(1, -1);
    int adds = fcntl(handle, F_GETFL) & O_APPEND;
    off_t at = lseek(handle, 0, adds ? SEEK_END : SEEK_CUR);
    ssize_t done = REAL(write)(handle, data, n);
    if (done > 0)
        record('W', path, at, data, done);
    return done;
}

static ssize_t wrote(const char *path, const void *data, ssize_t done, off_t at) {
    if (done > 0)
        record('W', path, at, data, done);
    return done;
}

ssize_t pwrite(int handle, const void *data, size_t n, off_t at) {
    const char *path = file_of(handle);
    if (!path)
        return REAL(pwrite)(handle, data, n, at);
    REFUSE(1, -1);
    return wrote(path, data, REAL(pwrite)(handle, data, n, at), at);
}

ssize_t pwrite64(int handle, const void *data, size_t n, off64_t at) {
    const char *path = file_of(handle);
    if (!path)
        return REAL(pwrite64)(handle, data, n, at);
    REFUSE(1, -1);
    return wrote(path, data, REAL(pwrite64)(handle, data, n, at), at);
}

/* Copies within the kernel: whoever calls them falls back to write. */
ssize_t sendfile64(int to, int from, off64_t *at, size_t n) {
    if (!file_of(to))
        return REAL(sendfile64)(to, from, at, n);
    errno = EINVAL;
    return -1;
}

ssize_t sendfile(int to, int from, off_t *at, size_t n) {
    if (!file_of(to))
        return REAL(sendfile)(to, from, at, n);
    errno = EINVAL;
    return -1;
}

#define SYNC(name)                          \
    int name(int handle) {                  \
        const char *path = file_of(handle); \
        if (!path)                          \
            return REAL(name)(handle);      \
        REFUSE(0, -1);                      \
        int done = REAL(name)(handle);      \
        if (done == 0)                      \
            record('S', path, 0, NULL, 0);  \
        return done;                        \
    }

SYNC(fsync)
SYNC(fdatasync)

static int cut(int done, const char *path, off64_t size) {
    if (done == 0)
        record('T', path, size, NULL, 0);
    return done;
}

#define CUT(name, kind)                                        \
    int name(int handle, kind size) {                          \
        const char *path = file_of(handle);                    \
        if (!path)                                             \
            return REAL(name)(handle, size);                   \
        REFUSE(0, -1);                                         \
        return cut(REAL(name)(handle, size), path, size);      \
    }

CUT(ftruncate, off_t)
CUT(ftruncate64, off64_t)

int rename(const char *from, const char *to) {
    char one[LONGEST], two[LONGEST];
    const char *old = whole(from, one), *fresh = whole(to, two);
    const char *path = fresh;
    if (!is_watched(old) && !is_watched(fresh))
        return REAL(rename)(from, to);
    REFUSE(0, -1);
    int done = REAL(rename)(from, to);
    if (done == 0)
        record('R', old, 0, fresh, strlen(fresh));
    return done;
}

int unlink(const char *given) {
    char buffer[LONGEST];
    const char *path = whole(given, buffer);
    if (!is_watched(path))
        return REAL(unlink)(given);
    REFUSE(0, -1);
    int done = REAL(unlink)(given);
    if (done == 0)
        record('U', path, 0, NULL, 0);
    return done;
}

int mkdir(const char *given, mode_t mode) {
    char buffer[LONGEST];
    const char *path = whole(given, buffer);
    if (is_watched(path))
        REFUSE(1, -1);
    return REAL(mkdir)(given, mode);
}

static void shift(struct timespec *now) {
    int64_t all = (int64_t)(clock_offset * 1e9) + now->tv_nsec;
    now->tv_sec += all / 1000000000;
    now->tv_nsec = all % 1000000000;
    if (now->tv_nsec < 0) {
        now->tv_nsec += 1000000000;
        now->tv_sec -= 1;
    }
}

int clock_gettime(clockid_t which, struct timespec *now) {
    int done = REAL(clock_gettime)(which, now);
    if (clock_offset != 0 && which == CLOCK_REALTIME)
        shift(now);
    return done;
}

time_t time(time_t *where) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (where)
        *where = now.tv_sec;
    return now.tv_sec;
}
