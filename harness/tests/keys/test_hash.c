// SPDX-License-Identifier: Apache-2.0
/* Vectors of the RFCs, and every length against another library. */
#include "audit/hash.h"

#include <check.h>
#include <mbedtls/md.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"

enum { DERIVED_MAX = 64 };

static const uint8_t *bytes(const char *text) {
    return (const uint8_t *)text;
}

static void assert_hex(const uint8_t *found, size_t length, const char *wanted) {
    char text[2 * DERIVED_MAX + 1];
    hex_encode(found, length, text);
    ck_assert_str_eq(text, wanted);
}

START_TEST(digests_are_those_of_the_standards) {
    static const char long_one[] = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
    static const char tens[] =
        "12345678901234567890123456789012345678901234567890123456789012345678"
        "901234567890";
    uint8_t digest[HASH_MAX];
    hash_digest(HASH_MD5, bytes("abc"), 3, digest); // RFC 1321 A.5
    assert_hex(digest, 16, "900150983cd24fb0d6963f7d28e17f72");
    hash_digest(HASH_MD5, bytes(tens), 80, digest);
    assert_hex(digest, 16, "57edf4a22be3c955ac49da2e2107b67a");
    hash_digest(HASH_SHA1, bytes("abc"), 3, digest); // FIPS 180
    assert_hex(digest, 20, "a9993e364706816aba3e25717850c26c9cd0d89d");
    hash_digest(HASH_SHA1, bytes(long_one), 56, digest);
    assert_hex(digest, 20, "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
    hash_digest(HASH_SHA256, bytes("abc"), 3, digest);
    assert_hex(digest, 32, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    hash_digest(HASH_SHA256, bytes(long_one), 56, digest);
    assert_hex(digest, 32, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}
END_TEST

START_TEST(hmac_is_that_of_the_rfcs) {
    uint8_t key[131], digest[HASH_MAX];
    struct hmac hmac;
    memset(key, 0x0b, sizeof key);
    hmac_start(HASH_SHA256, &hmac, key, 20); // RFC 4231, 4.2
    hmac_finish(HASH_SHA256, &hmac, bytes("Hi There"), 8, digest);
    assert_hex(digest, 32, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    hmac_start(HASH_SHA1, &hmac, key, 20); // RFC 2202, 3
    hmac_finish(HASH_SHA1, &hmac, bytes("Hi There"), 8, digest);
    assert_hex(digest, 20, "b617318655057264e28bc0b6fb378c8ef146be00");
    hmac_start(HASH_MD5, &hmac, bytes("Jefe"), 4); // RFC 2202, 2
    hmac_finish(HASH_MD5, &hmac, bytes("what do ya want for nothing?"), 28, digest);
    assert_hex(digest, 16, "750c783e6ab0b503eaa86e310a5db738");
    memset(key, 0xaa, sizeof key); // RFC 4231, 4.7: a key longer than a block
    hmac_start(HASH_SHA256, &hmac, key, sizeof key);
    static const char larger[] = "Test Using Larger Than Block-Size Key - Hash Key First";
    hmac_finish(HASH_SHA256, &hmac, bytes(larger), strlen(larger), digest);
    assert_hex(digest, 32, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}
END_TEST

static void pbkdf2(enum hash hash, const char *password, const char *salt, uint32_t iterations,
                   size_t length, const char *wanted) {
    uint8_t derived[2 * HASH_MAX];
    struct hmac hmac;
    hmac_start(hash, &hmac, bytes(password), strlen(password));
    for (uint32_t number = 1; (number - 1) * hash_size(hash) < length; number++) {
        pbkdf2_block(hash, &hmac, bytes(salt), strlen(salt), iterations, number,
                     derived + (number - 1) * hash_size(hash));
    }
    assert_hex(derived, length, wanted);
}

START_TEST(pbkdf2_is_that_of_rfc_6070_and_rfc_7914) {
    pbkdf2(HASH_SHA1, "password", "salt", 1, 20, "0c60c80f961f0e71f3a9b524af6012062fe037a6");
    pbkdf2(HASH_SHA1, "password", "salt", 2, 20, "ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957");
    pbkdf2(HASH_SHA1, "password", "salt", 4096, 20, "4b007901b765489abead49d926f721d065a429c1");
    pbkdf2(HASH_SHA1, "passwordPASSWORDpassword", "saltSALTsaltSALTsaltSALTsaltSALTsalt", 4096, 25,
           "3d2eec4fe41c849b80c8d83662c0e44a8b291a964cf2f07038");
    pbkdf2(HASH_SHA256, "passwd", "salt", 1, 64,
           "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"
           "49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783");
    pbkdf2(HASH_SHA256, "Password", "NaCl", 80000, 64,
           "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56"
           "a1d425a1225833549adb841b51c9b3176a272bdebba1d078478f62b397f33c8d");
}
END_TEST

START_TEST(every_length_is_as_in_another_library) {
    static const mbedtls_md_type_t types[HASHES] = {MBEDTLS_MD_MD5, MBEDTLS_MD_SHA1,
                                                    MBEDTLS_MD_SHA256};
    uint8_t message[200], ours[HASH_MAX], theirs[HASH_MAX];
    for (size_t i = 0; i < sizeof message; i++) {
        message[i] = (uint8_t)(i * 7 + 1);
    }
    for (enum hash hash = 0; hash < HASHES; hash++) {
        const mbedtls_md_info_t *info = mbedtls_md_info_from_type(types[hash]);
        for (size_t length = 0; length <= sizeof message; length++) {
            struct hmac hmac;
            hash_digest(hash, message, length, ours);
            ck_assert_int_eq(mbedtls_md(info, message, length, theirs), 0);
            ck_assert_mem_eq(ours, theirs, hash_size(hash));
            hmac_start(hash, &hmac, message, length);
            hmac_finish(hash, &hmac, message, sizeof message - length, ours);
            ck_assert_int_eq(
                mbedtls_md_hmac(info, message, length, message, sizeof message - length, theirs),
                0);
            ck_assert_mem_eq(ours, theirs, hash_size(hash));
        }
    }
}
END_TEST

int main(void) {
    Suite *suite = suite_create("hash");
    TCase *tests = tcase_create("hash");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, digests_are_those_of_the_standards);
    tcase_add_test(tests, hmac_is_that_of_the_rfcs);
    tcase_add_test(tests, pbkdf2_is_that_of_rfc_6070_and_rfc_7914);
    tcase_add_test(tests, every_length_is_as_in_another_library);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
