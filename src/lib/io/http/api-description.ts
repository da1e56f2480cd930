// The OpenAPI document of the admin API, collected from the schemas of its routes as they are added.

import type { FastifyInstance, RouteOptions } from 'fastify';

declare module 'fastify' {
  /** Keys of a route's schema for the document; fastify ignores them. */
  interface FastifySchema {
    summary?: string;
    tags?: readonly string[];
    operationId?: string;
    'x-role'?: string;
    /** Leaves the route out of the document. */
    hide?: boolean;
  }
}

/** The schema of a route of dp. */
interface RouteSchema {
  readonly hide?: boolean;
  readonly body?: unknown;
  readonly querystring?: { readonly properties?: object; readonly required?: readonly string[] };
  readonly response?: Readonly<Record<string, { readonly description: string }>>;
  /** Summary, tags and the like, which the document has as they are. */
  readonly [key: string]: unknown;
}

interface DescribedRoute {
  readonly method: string;
  readonly url: string;
  readonly schema: RouteSchema;
}

export class ApiDescription {
  readonly #routes: DescribedRoute[] = [];
  readonly #version: string;

  constructor(version: string) {
    this.#version = version;
  }

  /** Collects every route that is added from now on. */
  watch(app: FastifyInstance): void {
    app.addHook('onRoute', ({ method, url, schema = {} }: RouteOptions) => {
      const described = schema as RouteSchema;
      if (described.hide === true) return;
      // each GET answers HEAD as well, which needs no words
      for (const each of [method].flat().filter((name) => name !== 'HEAD'))
        this.#routes.push({ method: each, url, schema: described });
    });
  }

  get document(): unknown {
    const paths: Record<string, Record<string, unknown>> = {};
    for (const route of this.#routes) {
      const path = route.url.replace(/:(\w+)/g, '{$1}');
      paths[path] = { ...paths[path], [route.method.toLowerCase()]: describeRoute(route) };
    }
    return {
      openapi: '3.1.0',
      info: {
        title: 'dp admin API',
        description: 'Routes of the original server (/api/…) and of dp itself (/api/dp/1/…).',
        version: this.#version,
      },
      components: { securitySchemes: { basic: { type: 'http', scheme: 'basic' } } },
      security: [{ basic: [] }],
      paths,
    };
  }
}

function describeRoute({ url, schema: { hide: _, body, querystring, response, ...words } }: DescribedRoute) {
  const parameters = [
    ...[...url.matchAll(/:(\w+)/g)].map(([, name]) => ({
      in: 'path',
      name,
      required: true,
      schema: { type: 'string' },
    })),
    ...Object.entries(querystring?.properties ?? {}).map(([name, { description, ...schema }]) => ({
      in: 'query',
      name,
      required: querystring?.required?.includes(name) ?? false,
      ...(description !== undefined && { description }),
      schema,
    })),
  ];
  return {
    ...words,
    ...(parameters.length > 0 && { parameters }),
    ...(body !== undefined && { requestBody: { required: true, content: json(body) } }),
    responses: Object.fromEntries(
      Object.entries(response ?? { 200: undefined }).map(([status, schema]) => [
        status,
        schema === undefined
          ? { description: 'Done' }
          : { description: schema.description, content: json(schema) },
      ]),
    ),
  };
}

function json(schema: unknown) {
  return { 'application/json': { schema } };
}
