/* The load maker of the benchmarks of a server: many TLS connections from one thread.
 *
 *   answers_load PORT SCRIPT INTERVAL_MS SECONDS ACKED
 *
 * SCRIPT holds whole requests made beforehand, so that making them costs nothing here (numbers are 32 bits, little
 * endian): count of shared bodies, each as length and bytes; count of connections, for each the count of its requests,
 * each as length of its head, number of the shared body that follows it (0: none) and its bytes.
 * INTERVAL_MS 0: a connection asks again as soon as it is answered; else every INTERVAL_MS, connections spread evenly,
 * and a wait counts from the moment a request was due, not from the moment it could be sent.
 * Prints one JSON line. Writes into ACKED the last number acknowledged to each connection, a line each.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <netinet/tcp.h>

enum { HEAD_LIMIT = 8192, PIECE = 64 * 1024, EVENTS = 256 };

typedef struct { const char *bytes; uint32_t length; } Text;

typedef struct {
    int socket, ready, asking;
    SSL *tls;
    const char *script;              /* where its next request is described */
    uint32_t left, waiting;          /* requests not yet sent; of them due already */
    Text parts[2];
    int part;
    uint32_t sent;
    double due;                      /* of the request that is being answered */
    char head[HEAD_LIMIT];
    uint32_t head_length;
    int64_t body_left;               /* -1 while the head is being read */
    long acked;
} Connection;

static Text *bodies;
static Connection *all;
static uint32_t count;
static double *waits, interval, started;
static size_t waits_count, waits_room;
static uint64_t answered, refused, broken, received;
static int poll_at;

static double now(void) {
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return at.tv_sec + at.tv_nsec / 1e9;
}

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static uint32_t take_number(const char **from) {
    uint32_t number;
    memcpy(&number, *from, 4);
    *from += 4;
    return number;
}

static void read_script(const char *path) {
    struct stat about;
    int file = open(path, O_RDONLY);
    if (file < 0 || fstat(file, &about)) fail(path);
    const char *at = mmap(NULL, about.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, file, 0);
    if (at == MAP_FAILED) fail("mmap");
    uint32_t shared = take_number(&at);
    bodies = calloc(shared + 1, sizeof *bodies);
    for (uint32_t i = 1; i <= shared; i++) {
        bodies[i].length = take_number(&at);
        bodies[i].bytes = at;
        at += bodies[i].length;
    }
    count = take_number(&at);
    all = calloc(count, sizeof *all);
    for (uint32_t i = 0; i < count; i++) {
        all[i].left = take_number(&at);
        all[i].script = at;
        waits_room += all[i].left;
        for (uint32_t n = 0; n < all[i].left; n++) {
            uint32_t length = take_number(&at);
            at += 4 + length;
        }
    }
    waits = malloc((waits_room + 1) * sizeof *waits);
}

static void connect_all(int port) {
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
    inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
    for (uint32_t i = 0; i < count; i++) {
        int one = 1;
        Connection *c = &all[i];
        c->socket = socket(AF_INET, SOCK_STREAM, 0);
        if (connect(c->socket, (struct sockaddr *)&to, sizeof to)) fail("connect");
        setsockopt(c->socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        c->tls = SSL_new(context);
        SSL_set_fd(c->tls, c->socket);
        if (SSL_connect(c->tls) != 1) { fprintf(stderr, "no TLS\n"); exit(1); }
        SSL_set_mode(c->tls, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
        fcntl(c->socket, F_SETFL, O_NONBLOCK);
        struct epoll_event about = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.u32 = i};
        epoll_ctl(poll_at, EPOLL_CTL_ADD, c->socket, &about);
        c->ready = 1;
        c->acked = -1;
    }
}

static void give_up(Connection *c) {
    broken++;
    c->ready = c->asking = 0;
    close(c->socket);
}

static void push(Connection *c) {
    while (c->ready && c->part < 2) {
        Text *part = &c->parts[c->part];
        if (c->sent == part->length) { c->part++; c->sent = 0; continue; }
        int done = SSL_write(c->tls, part->bytes + c->sent, part->length - c->sent);
        if (done > 0) { c->sent += done; continue; }
        int why = SSL_get_error(c->tls, done);
        if (why != SSL_ERROR_WANT_WRITE && why != SSL_ERROR_WANT_READ) give_up(c);
        return;
    }
}

static void ask(Connection *c, double due) {
    if (!c->left || !c->ready) return;
    uint32_t length = take_number(&c->script), body = take_number(&c->script);
    c->parts[0] = (Text){c->script, length};
    c->parts[1] = bodies[body];
    c->script += length;
    c->left--;
    c->part = 0;
    c->sent = 0;
    c->due = due;
    c->asking = 1;
    c->head_length = 0;
    c->body_left = -1;
    push(c);
}

static void finish(Connection *c, double at) {
    c->asking = 0;
    if (waits_count < waits_room) waits[waits_count++] = at - c->due;
    answered++;
    if (interval == 0) ask(c, at);
    else if (c->waiting) { c->waiting--; ask(c, c->due + interval); }
}

static void read_head(Connection *c, const char *bytes, int length, double at) {
    int room = HEAD_LIMIT - 1 - (int)c->head_length, taken = length < room ? length : room;
    memcpy(c->head + c->head_length, bytes, taken);
    c->head_length += taken;
    c->head[c->head_length] = 0;
    char *end = strstr(c->head, "\r\n\r\n");
    if (!end) return;
    char *said = strcasestr(c->head, "\r\ncontent-length:");
    int64_t whole = said ? atoll(said + 17) : 0;
    int status = atoi(c->head + 9);
    if (status != 200 && status != 206) refused++;
    char *acked = strstr(end, "\"acked\":");
    if (acked && status == 200) c->acked = atol(acked + 8);
    c->body_left = whole - ((c->head + c->head_length) - (end + 4)) - (length - taken);
    if (c->body_left <= 0) finish(c, at);
}

static void pull(Connection *c, double at) {
    static char piece[PIECE];
    for (int got; c->ready && (got = SSL_read(c->tls, piece, PIECE)) != 0;) {
        if (got < 0) {
            int why = SSL_get_error(c->tls, got);
            if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE) give_up(c);
            return;
        }
        received += got;
        if (!c->asking) continue;
        if (c->body_left < 0) read_head(c, piece, got, at);
        else if ((c->body_left -= got) <= 0) finish(c, at);
    }
    if (c->ready) give_up(c);
}

/* The turn of connection i comes at started + interval * (turn + i / count): one pointer walks round for ever. */
static double send_due(double at) {
    static uint64_t turn;
    for (;;) {
        double due = started + interval * turn / count;
        if (due > at) return due;
        Connection *c = &all[turn++ % count];
        if (c->asking) c->waiting++;
        else ask(c, due);
    }
}

static int is_over(void) {
    for (uint32_t i = 0; i < count; i++)
        if (all[i].ready && (all[i].asking || all[i].left)) return 0;
    return 1;
}

static void run(double seconds) {
    struct epoll_event events[EVENTS];
    double end = started + seconds, checked = started;
    if (interval == 0) for (uint32_t i = 0; i < count; i++) ask(&all[i], started);
    for (double at = now(); at < end; at = now()) {
        double wait = 0.05;
        if (interval > 0) {
            double due = send_due(at) - at;
            wait = due < wait ? due : wait;
        }
        int happened = epoll_wait(poll_at, events, EVENTS, (int)(wait * 1000) + (wait > 0));
        at = now();
        for (int i = 0; i < happened; i++) {
            Connection *c = &all[events[i].data.u32];
            if (!c->ready) continue;
            if (c->asking && c->part < 2) push(c);
            pull(c, at);
        }
        if (at - checked > 0.05) {
            checked = at;
            if (is_over()) return;
        }
    }
}

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double wait_of(double share) {
    return waits_count ? waits[(size_t)((waits_count - 1) * share)] * 1000 : -1;
}

static void tell(double took, const char *path) {
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    double cpu = used.ru_utime.tv_sec + used.ru_stime.tv_sec + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
    qsort(waits, waits_count, sizeof *waits, compare);
    printf("{\"answered\": %lu, \"refused\": %lu, \"broken\": %lu, \"received_bytes\": %lu, \"seconds\": %.3f, "
           "\"p50_ms\": %.2f, \"p99_ms\": %.2f, \"longest_ms\": %.2f, \"cpu_s\": %.3f}\n",
           answered, refused, broken, received, took, wait_of(0.5), wait_of(0.99), wait_of(1), cpu);
    FILE *file = fopen(path, "w");
    if (!file) fail(path);
    for (uint32_t i = 0; i < count; i++) fprintf(file, "%ld\n", all[i].acked);
    fclose(file);
}

int main(int argc, char **argv) {
    if (argc != 6) { fprintf(stderr, "answers_load PORT SCRIPT INTERVAL_MS SECONDS ACKED\n"); return 2; }
    signal(SIGPIPE, SIG_IGN);
    poll_at = epoll_create1(0);
    interval = atof(argv[3]) / 1000;
    read_script(argv[2]);
    connect_all(atoi(argv[1]));
    printf("connected\n");
    fflush(stdout);
    if (getchar() == EOF) return 1;  /* the one who started it says when */
    struct rusage before;
    getrusage(RUSAGE_SELF, &before);
    started = now();
    run(atof(argv[4]));
    double took = now() - started;
    tell(took, argv[5]);
    return 0;
}
