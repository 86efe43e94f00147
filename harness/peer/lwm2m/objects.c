/* SPDX-License-Identifier: Apache-2.0 */
#include "lwm2m/objects.h"

#define M true  /* mandatory, or multiple */
#define O false /* optional, or single */

/* id, name, type, multiple, mandatory, since */
static const struct objects_resource SECURITY[] = {
    {0, "LwM2M Server URI", OBJECTS_STRING, O, M, "1.0"},
    {1, "Bootstrap-Server", OBJECTS_BOOLEAN, O, M, "1.0"},
    {2, "Security Mode", OBJECTS_INTEGER, O, M, "1.0"},
    {3, "Public Key or Identity", OBJECTS_OPAQUE, O, M, "1.0"},
    {4, "Server Public Key", OBJECTS_OPAQUE, O, M, "1.0"},
    {5, "Secret Key", OBJECTS_OPAQUE, O, M, "1.0"},
    {6, "SMS Security Mode", OBJECTS_INTEGER, O, O, "1.0"},
    {7, "SMS Binding Key Parameters", OBJECTS_OPAQUE, O, O, "1.0"},
    {8, "SMS Binding Secret Key(s)", OBJECTS_OPAQUE, O, O, "1.0"},
    {9, "LwM2M Server SMS Number", OBJECTS_STRING, O, O, "1.0"},
    {10, "Short Server ID", OBJECTS_INTEGER, O, O, "1.0"},
    {11, "Client Hold Off Time", OBJECTS_INTEGER, O, O, "1.0"},
    {12, "Bootstrap-Server Account Timeout", OBJECTS_INTEGER, O, O, "1.0"},
    {13, "Matching Type", OBJECTS_UNSIGNED, O, O, "1.1"},
    {14, "SNI", OBJECTS_STRING, O, O, "1.1"},
    {15, "Certificate Usage", OBJECTS_UNSIGNED, O, O, "1.1"},
    {16, "DTLS/TLS Ciphersuite", OBJECTS_UNSIGNED, M, O, "1.1"},
    {17, "OSCORE Security Mode", OBJECTS_OBJECT_LINK, O, O, "1.1"},
    {18, "Groups To Use by Client", OBJECTS_UNSIGNED, M, O, "1.2"},
    {19, "Signature Algorithms Supported by Server", OBJECTS_UNSIGNED, M, O, "1.2"},
    {20, "Signature Algorithms To Use by Client", OBJECTS_UNSIGNED, M, O, "1.2"},
    {21, "Signature Algorithm Certs Supported by Server", OBJECTS_UNSIGNED, M, O, "1.2"},
    {22, "TLS 1.3 Features To Use by Client", OBJECTS_UNSIGNED, O, O, "1.2"},
    {23, "TLS Extensions Supported by Server", OBJECTS_UNSIGNED, O, O, "1.2"},
    {24, "TLS Extensions To Use by Client", OBJECTS_UNSIGNED, O, O, "1.2"},
    {25, "Secondary LwM2M Server URI", OBJECTS_STRING, M, O, "1.2"},
    {26, "MQTT Server", OBJECTS_OBJECT_LINK, O, O, "1.2"},
    {27, "LwM2M COSE Security", OBJECTS_OBJECT_LINK, M, O, "1.2"},
    {28, "RDS Destination Port", OBJECTS_INTEGER, O, O, "1.2"},
    {29, "RDS Source Port", OBJECTS_INTEGER, O, O, "1.2"},
    {30, "RDS Application ID", OBJECTS_STRING, O, O, "1.2"},
};

static const struct objects_resource SERVER[] = {
    {0, "Short Server ID", OBJECTS_INTEGER, O, M, "1.0"},
    {1, "Lifetime", OBJECTS_INTEGER, O, M, "1.0"},
    {2, "Default Minimum Period", OBJECTS_INTEGER, O, O, "1.0"},
    {3, "Default Maximum Period", OBJECTS_INTEGER, O, O, "1.0"},
    {4, "Disable", OBJECTS_NONE, O, O, "1.0"},
    {5, "Disable Timeout", OBJECTS_INTEGER, O, O, "1.0"},
    {6, "Notification Storing When Disabled or Offline", OBJECTS_BOOLEAN, O, M, "1.0"},
    {7, "Binding", OBJECTS_STRING, O, M, "1.0"},
    {8, "Registration Update Trigger", OBJECTS_NONE, O, M, "1.0"},
    {9, "Bootstrap-Request Trigger", OBJECTS_NONE, O, O, "1.1"},
    {10, "APN Link", OBJECTS_OBJECT_LINK, O, O, "1.1"},
    {11, "TLS-DTLS Alert Code", OBJECTS_UNSIGNED, O, O, "1.1"},
    {12, "Last Bootstrapped", OBJECTS_TIME, O, O, "1.1"},
    {13, "Registration Priority Order", OBJECTS_UNSIGNED, O, O, "1.1"},
    {14, "Initial Registration Delay Timer", OBJECTS_UNSIGNED, O, O, "1.1"},
    {15, "Registration Failure Block", OBJECTS_BOOLEAN, O, O, "1.1"},
    {16, "Bootstrap on Registration Failure", OBJECTS_BOOLEAN, O, O, "1.1"},
    {17, "Communication Retry Count", OBJECTS_UNSIGNED, O, O, "1.1"},
    {18, "Communication Retry Timer", OBJECTS_UNSIGNED, O, O, "1.1"},
    {19, "Communication Sequence Delay Timer", OBJECTS_UNSIGNED, O, O, "1.1"},
    {20, "Communication Sequence Retry Count", OBJECTS_UNSIGNED, O, O, "1.1"},
    {21, "Trigger", OBJECTS_BOOLEAN, O, O, "1.1"},
    {22, "Preferred Transport", OBJECTS_STRING, O, O, "1.1"},
    {23, "Mute Send", OBJECTS_BOOLEAN, O, O, "1.1"},
    {24, "Alternate APN Links", OBJECTS_OBJECT_LINK, M, O, "1.2"},
    {25, "Supported Server Versions", OBJECTS_STRING, M, O, "1.2"},
    {26, "Default Notification Mode", OBJECTS_INTEGER, O, O, "1.2"},
    {27, "Profile ID Hash Algorithm", OBJECTS_UNSIGNED, O, O, "1.2"},
};

static const struct objects_resource ACCESS_CONTROL[] = {
    {0, "Object ID", OBJECTS_INTEGER, O, M, "1.0"},
    {1, "Object Instance ID", OBJECTS_INTEGER, O, M, "1.0"},
    {2, "ACL", OBJECTS_INTEGER, M, O, "1.0"},
    {3, "Access Control Owner", OBJECTS_INTEGER, O, M, "1.0"},
};

static const struct objects_resource DEVICE[] = {
    {0, "Manufacturer", OBJECTS_STRING, O, O, "1.0"},
    {1, "Model Number", OBJECTS_STRING, O, O, "1.0"},
    {2, "Serial Number", OBJECTS_STRING, O, O, "1.0"},
    {3, "Firmware Version", OBJECTS_STRING, O, O, "1.0"},
    {4, "Reboot", OBJECTS_NONE, O, M, "1.0"},
    {5, "Factory Reset", OBJECTS_NONE, O, O, "1.0"},
    {6, "Available Power Sources", OBJECTS_INTEGER, M, O, "1.0"},
    {7, "Power Source Voltage", OBJECTS_INTEGER, M, O, "1.0"},
    {8, "Power Source Current", OBJECTS_INTEGER, M, O, "1.0"},
    {9, "Battery Level", OBJECTS_INTEGER, O, O, "1.0"},
    {10, "Memory Free", OBJECTS_INTEGER, O, O, "1.0"},
    {11, "Error Code", OBJECTS_INTEGER, M, M, "1.0"},
    {12, "Reset Error Code", OBJECTS_NONE, O, O, "1.0"},
    {13, "Current Time", OBJECTS_TIME, O, O, "1.0"},
    {14, "UTC Offset", OBJECTS_STRING, O, O, "1.0"},
    {15, "Timezone", OBJECTS_STRING, O, O, "1.0"},
    {16, "Supported Binding and Modes", OBJECTS_STRING, O, M, "1.0"},
    {17, "Device Type", OBJECTS_STRING, O, O, "1.0"},
    {18, "Hardware Version", OBJECTS_STRING, O, O, "1.0"},
    {19, "Software Version", OBJECTS_STRING, O, O, "1.0"},
    {20, "Battery Status", OBJECTS_INTEGER, O, O, "1.0"},
    {21, "Memory Total", OBJECTS_INTEGER, O, O, "1.0"},
    {22, "ExtDevInfo", OBJECTS_OBJECT_LINK, M, O, "1.0"},
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
