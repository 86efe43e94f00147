// SPDX-License-Identifier: Apache-2.0
#include "traffic.h"

#include "brief.h"

#define URI "coaps://127.0.0.1:5684"
#define IDENTITY "urn:dev:os:bench-0"
#define TYPE_VALUE 0xc8 // resource, 8-bit identifier, 8-bit length (TS Core 1.1, 7.4.3)

const char traffic_identity[] = "urn:dev:os:bench";
const uint8_t traffic_key[TRAFFIC_KEY_SIZE] = {0x62, 0x65, 0x6e, 0x63, 0x68, 0x00, 0x11, 0x22,
                                               0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa};
const char traffic_objects[] = "</>;lwm2m=1.1,</0/0>,</1>,</3/0>";

/* Instance 1 of object 0: the LwM2M Server's URI, mode PSK, identity, key, Short Server ID. */
static const uint8_t security[] = {
    TYPE_VALUE, 0,    sizeof URI - 1,
    'c',        'o',  'a',
    'p',        's',  ':',
    '/',        '/',  '1',
    '2',        '7',  '.',
    '0',        '.',  '0',
    '.',        '1',  ':',
    '5',        '6',  '8',
    '4',                 // 0: LwM2M Server URI
    0xc1,       1,    0, // 1: Bootstrap-Server: no
    0xc1,       2,    0, // 2: Security Mode: PSK
    TYPE_VALUE, 3,    sizeof IDENTITY - 1,
    'u',        'r',  'n',
    ':', // 3: Public Key or Identity
    'd',        'e',  'v',
    ':',        'o',  's',
    ':',        'b',  'e',
    'n',        'c',  'h',
    '-',        '0',  TYPE_VALUE,
    5,          16,   0xa0,
    0xa1,       0xa2, 0xa3,
    0xa4,       0xa5, 0xa6,
    0xa7,       0xa8, 0xa9,
    0xaa,       0xab, 0xac,
    0xad,       0xae,
    0xaf,                 // 5: Secret Key
    0xc1,       10,   101 // 10: Short Server ID
};
#define SECURITY_CONTENT                                                                           \
    "{\"tlv\":{\"object\":0,\"level\":\"instance\",\"instances\":[{\"id\":1,\"resources\":{"       \
    "\"0\":\"" URI "\",\"1\":false,\"2\":0,\"3\":{\"hex\":"                                        \
    "\"75726e3a6465763a6f733a62656e63682d30\"},"                                                   \
    "\"5\":{\"hex\":\"a0a1a2a3a4a5a6a7a8a9aaabacadaeaf\"},\"10\":101}}]}}"

/* Instance 0 of object 1. */
static const uint8_t server[] = {
    0xc1, 0, 101,                    // 0: Short Server ID
    0xc4, 1, 0x00, 0x01, 0x51, 0x80, // 1: Lifetime: 86400 s
    0xc1, 6, 1,                      // 6: Notification Storing: yes
    0xc1, 7, 'U'                     // 7: Binding
};
#define SERVER_CONTENT                                                                             \
    "{\"tlv\":{\"object\":1,\"level\":\"instance\",\"instances\":[{\"id\":0,\"resources\":{"       \
    "\"0\":101,\"1\":86400,\"6\":true,\"7\":\"U\"}}]}}"

const struct traffic_request traffic_requests[TRAFFIC_REQUESTS] = {
    {.code = BRIEF_GET,
     .method = "GET",
     .path = {"0", NULL},
     .accept = TRAFFIC_LINK_FORMAT,
     .content_format = TRAFFIC_NONE},
    {.code = BRIEF_PUT,
     .method = "PUT",
     .path = {"0", "1"},
     .accept = TRAFFIC_NONE,
     .content_format = TRAFFIC_TLV,
     .payload = security,
     .length = sizeof security,
     .content = SECURITY_CONTENT},
    {.code = BRIEF_PUT,
     .method = "PUT",
     .path = {"1", "0"},
     .accept = TRAFFIC_NONE,
     .content_format = TRAFFIC_TLV,
     .payload = server,
     .length = sizeof server,
     .content = SERVER_CONTENT},
    {.code = BRIEF_POST,
     .method = "POST",
     .path = {"bs", NULL},
     .accept = TRAFFIC_NONE,
     .content_format = TRAFFIC_NONE},
};
