/* SPDX-License-Identifier: Apache-2.0 */
#include "lwm2m/objects.h"

#define M true  /* mandatory, or multiple */
#define O false /* optional, or single */

/* name, since, type, id, multiple, mandatory */
static const struct objects_resource SECURITY[] = {
    {"LwM2M Server URI", "1.0", OBJECTS_STRING, 0, O, M},
    {"Bootstrap-Server", "1.0", OBJECTS_BOOLEAN, 1, O, M},
    {"Security Mode", "1.0", OBJECTS_INTEGER, 2, O, M},
    {"Public Key or Identity", "1.0", OBJECTS_OPAQUE, 3, O, M},
    {"Server Public Key", "1.0", OBJECTS_OPAQUE, 4, O, M},
    {"Secret Key", "1.0", OBJECTS_OPAQUE, 5, O, M},
    {"SMS Security Mode", "1.0", OBJECTS_INTEGER, 6, O, O},
    {"SMS Binding Key Parameters", "1.0", OBJECTS_OPAQUE, 7, O, O},
    {"SMS Binding Secret Key(s)", "1.0", OBJECTS_OPAQUE, 8, O, O},
    {"LwM2M Server SMS Number", "1.0", OBJECTS_STRING, 9, O, O},
    {"Short Server ID", "1.0", OBJECTS_INTEGER, 10, O, O},
    {"Client Hold Off Time", "1.0", OBJECTS_INTEGER, 11, O, O},
    {"Bootstrap-Server Account Timeout", "1.0", OBJECTS_INTEGER, 12, O, O},
    {"Matching Type", "1.1", OBJECTS_UNSIGNED, 13, O, O},
    {"SNI", "1.1", OBJECTS_STRING, 14, O, O},
    {"Certificate Usage", "1.1", OBJECTS_UNSIGNED, 15, O, O},
    {"DTLS/TLS Ciphersuite", "1.1", OBJECTS_UNSIGNED, 16, M, O},
    {"OSCORE Security Mode", "1.1", OBJECTS_OBJECT_LINK, 17, O, O},
    {"Groups To Use by Client", "1.2", OBJECTS_UNSIGNED, 18, M, O},
    {"Signature Algorithms Supported by Server", "1.2", OBJECTS_UNSIGNED, 19, M, O},
    {"Signature Algorithms To Use by Client", "1.2", OBJECTS_UNSIGNED, 20, M, O},
    {"Signature Algorithm Certs Supported by Server", "1.2", OBJECTS_UNSIGNED, 21, M, O},
    {"TLS 1.3 Features To Use by Client", "1.2", OBJECTS_UNSIGNED, 22, O, O},
    {"TLS Extensions Supported by Server", "1.2", OBJECTS_UNSIGNED, 23, O, O},
    {"TLS Extensions To Use by Client", "1.2", OBJECTS_UNSIGNED, 24, O, O},
    {"Secondary LwM2M Server URI", "1.2", OBJECTS_STRING, 25, M, O},
    {"MQTT Server", "1.2", OBJECTS_OBJECT_LINK, 26, O, O},
    {"LwM2M COSE Security", "1.2", OBJECTS_OBJECT_LINK, 27, M, O},
    {"RDS Destination Port", "1.2", OBJECTS_INTEGER, 28, O, O},
    {"RDS Source Port", "1.2", OBJECTS_INTEGER, 29, O, O},
    {"RDS Application ID", "1.2", OBJECTS_STRING, 30, O, O},
};

static const struct objects_resource SERVER[] = {
    {"Short Server ID", "1.0", OBJECTS_INTEGER, 0, O, M},
    {"Lifetime", "1.0", OBJECTS_INTEGER, 1, O, M},
    {"Default Minimum Period", "1.0", OBJECTS_INTEGER, 2, O, O},
    {"Default Maximum Period", "1.0", OBJECTS_INTEGER, 3, O, O},
    {"Disable", "1.0", OBJECTS_NONE, 4, O, O},
    {"Disable Timeout", "1.0", OBJECTS_INTEGER, 5, O, O},
    {"Notification Storing When Disabled or Offline", "1.0", OBJECTS_BOOLEAN, 6, O, M},
    {"Binding", "1.0", OBJECTS_STRING, 7, O, M},
    {"Registration Update Trigger", "1.0", OBJECTS_NONE, 8, O, M},
    {"Bootstrap-Request Trigger", "1.1", OBJECTS_NONE, 9, O, O},
    {"APN Link", "1.1", OBJECTS_OBJECT_LINK, 10, O, O},
    {"TLS-DTLS Alert Code", "1.1", OBJECTS_UNSIGNED, 11, O, O},
    {"Last Bootstrapped", "1.1", OBJECTS_TIME, 12, O, O},
    {"Registration Priority Order", "1.1", OBJECTS_UNSIGNED, 13, O, O},
    {"Initial Registration Delay Timer", "1.1", OBJECTS_UNSIGNED, 14, O, O},
    {"Registration Failure Block", "1.1", OBJECTS_BOOLEAN, 15, O, O},
    {"Bootstrap on Registration Failure", "1.1", OBJECTS_BOOLEAN, 16, O, O},
    {"Communication Retry Count", "1.1", OBJECTS_UNSIGNED, 17, O, O},
    {"Communication Retry Timer", "1.1", OBJECTS_UNSIGNED, 18, O, O},
    {"Communication Sequence Delay Timer", "1.1", OBJECTS_UNSIGNED, 19, O, O},
    {"Communication Sequence Retry Count", "1.1", OBJECTS_UNSIGNED, 20, O, O},
    {"Trigger", "1.1", OBJECTS_BOOLEAN, 21, O, O},
    {"Preferred Transport", "1.1", OBJECTS_STRING, 22, O, O},
    {"Mute Send", "1.1", OBJECTS_BOOLEAN, 23, O, O},
    {"Alternate APN Links", "1.2", OBJECTS_OBJECT_LINK, 24, M, O},
    {"Supported Server Versions", "1.2", OBJECTS_STRING, 25, M, O},
    {"Default Notification Mode", "1.2", OBJECTS_INTEGER, 26, O, O},
    {"Profile ID Hash Algorithm", "1.2", OBJECTS_UNSIGNED, 27, O, O},
};

static const struct objects_resource ACCESS_CONTROL[] = {
    {"Object ID", "1.0", OBJECTS_INTEGER, 0, O, M},
    {"Object Instance ID", "1.0", OBJECTS_INTEGER, 1, O, M},
    {"ACL", "1.0", OBJECTS_INTEGER, 2, M, O},
    {"Access Control Owner", "1.0", OBJECTS_INTEGER, 3, O, M},
};

static const struct objects_resource DEVICE[] = {
    {"Manufacturer", "1.0", OBJECTS_STRING, 0, O, O},
    {"Model Number", "1.0", OBJECTS_STRING, 1, O, O},
    {"Serial Number", "1.0", OBJECTS_STRING, 2, O, O},
    {"Firmware Version", "1.0", OBJECTS_STRING, 3, O, O},
    {"Reboot", "1.0", OBJECTS_NONE, 4, O, M},
    {"Factory Reset", "1.0", OBJECTS_NONE, 5, O, O},
    {"Available Power Sources", "1.0", OBJECTS_INTEGER, 6, M, O},
    {"Power Source Voltage", "1.0", OBJECTS_INTEGER, 7, M, O},
    {"Power Source Current", "1.0", OBJECTS_INTEGER, 8, M, O},
    {"Battery Level", "1.0", OBJECTS_INTEGER, 9, O, O},
    {"Memory Free", "1.0", OBJECTS_INTEGER, 10, O, O},
    {"Error Code", "1.0", OBJECTS_INTEGER, 11, M, M},
    {"Reset Error Code", "1.0", OBJECTS_NONE, 12, O, O},
    {"Current Time", "1.0", OBJECTS_TIME, 13, O, O},
    {"UTC Offset", "1.0", OBJECTS_STRING, 14, O, O},
    {"Timezone", "1.0", OBJECTS_STRING, 15, O, O},
    {"Supported Binding and Modes", "1.0", OBJECTS_STRING, 16, O, M},
    {"Device Type", "1.0", OBJECTS_STRING, 17, O, O},
    {"Hardware Version", "1.0", OBJECTS_STRING, 18, O, O},
    {"Software Version", "1.0", OBJECTS_STRING, 19, O, O},
    {"Battery Status", "1.0", OBJECTS_INTEGER, 20, O, O},
    {"Memory Total", "1.0", OBJECTS_INTEGER, 21, O, O},
    {"ExtDevInfo", "1.0", OBJECTS_OBJECT_LINK, 22, M, O},
};

#define TABLE(name, array)                                                                         \
    { name, array, sizeof(array) / sizeof((array)[0]) }

static const struct {
    const char *name;
    const struct objects_resource *resources;
    size_t count;
} OBJECTS[] = {
    TABLE("LwM2M Security", SECURITY),
    TABLE("LwM2M Server", SERVER),
    TABLE("LwM2M Access Control", ACCESS_CONTROL),
    TABLE("Device", DEVICE),
};

const char *objects_type_text(enum objects_type type) {
    switch (type) {
    case OBJECTS_NONE:
        return "none";
    case OBJECTS_STRING:
        return "string";
    case OBJECTS_INTEGER:
        return "integer";
    case OBJECTS_UNSIGNED:
        return "unsigned";
    case OBJECTS_BOOLEAN:
        return "boolean";
    case OBJECTS_OPAQUE:
        return "opaque";
    case OBJECTS_TIME:
        return "time";
    case OBJECTS_OBJECT_LINK:
        return "object_link";
    }
    return "?";
}

const char *objects_name(uint16_t object) {
    return object < sizeof(OBJECTS) / sizeof(OBJECTS[0]) ? OBJECTS[object].name : NULL;
}

const struct objects_resource *objects_resources(uint16_t object, size_t *count) {
    if (object >= sizeof(OBJECTS) / sizeof(OBJECTS[0])) {
        *count = 0;
        return NULL;
    }
    *count = OBJECTS[object].count;
    return OBJECTS[object].resources;
}

const struct objects_resource *objects_find(uint16_t object, uint16_t resource) {
    size_t count = 0;
    const struct objects_resource *resources = objects_resources(object, &count);
    for (size_t i = 0; i < count; i++) {
        if (resources[i].id == resource) {
            return &resources[i];
        }
    }
    return NULL;
}
