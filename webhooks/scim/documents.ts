/** What the service says of itself (RFC 7643 §5 to §7): it knows users, and can take them out of service, nothing else. */

export const userSchemaId = 'urn:ietf:params:scim:schemas:core:2.0:User';

/** The most users of one page. */
export const maxResults = 200;

const no = { supported: false };

export function serviceProviderConfig(base: string): object {
  return {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'],
    patch: { supported: true },
    bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
    filter: { supported: true, maxResults },
    changePassword: no,
    sort: no,
    etag: no,
    authenticationSchemes: [
      {
        type: 'oauthbearertoken',
        name: 'Bearer token',
        description: 'A token that the operator of this service has given out (RFC 6750).',
        primary: true,
      },
    ],
    meta: { resourceType: 'ServiceProviderConfig', location: `${base}/ServiceProviderConfig` },
  };
}

export function userResourceType(base: string): object {
  return {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:ResourceType'],
    id: 'User',
    name: 'User',
    description: 'A living account of the LMS',
    endpoint: '/Users',
    schema: userSchemaId,
    meta: { resourceType: 'ResourceType', location: `${base}/ResourceTypes/User` },
  };
}

const attribute = {
  ...{ type: 'string', multiValued: false, required: false, caseExact: false },
  ...{ mutability: 'readOnly', returned: 'default', uniqueness: 'none' },
};
const subAttributes = [
  { ...attribute, name: 'value', description: 'The address' },
  { ...attribute, name: 'primary', type: 'boolean', description: 'Always true: an account has one address' },
];

export function userSchema(base: string): object {
  return {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:Schema'],
    id: userSchemaId,
    name: 'User',
    description: 'A living account of the LMS; everything but active is read-only',
    attributes: [
      {
        ...{ ...attribute, name: 'userName', description: 'What the user logs in with' },
        ...{ required: true, uniqueness: 'server' },
      },
      {
        ...attribute,
        name: 'emails',
        type: 'complex',
        multiValued: true,
        subAttributes,
        description: 'The address',
      },
      {
        ...{ ...attribute, name: 'active', type: 'boolean', mutability: 'readWrite' },
        description: 'May be set to false only, which deletes the account for good',
      },
    ],
    meta: { resourceType: 'Schema', location: `${base}/Schemas/${userSchemaId}` },
  };
}

/** Any number of resources as RFC 7644 §3.4.2 lists them. */
export function listOf(resources: readonly object[], total = resources.length, startIndex = 1): object {
  return {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
    totalResults: total,
    startIndex,
    itemsPerPage: resources.length,
    ...(total === 0 ? {} : { Resources: resources }),
  };
}
