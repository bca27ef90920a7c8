// jemalloc's settings, read by it at start (jemalloc(3), TUNING): few threads allocate, so two arenas are enough; what
// a burst took goes back to the system a second after it.
extern "C" {
extern const char* const malloc_conf;
const char* const malloc_conf =
    "narenas:2,tcache_max:8192,dirty_decay_ms:1000,muzzy_decay_ms:0,background_thread:true,max_background_threads:1";
}
