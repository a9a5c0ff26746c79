import type { OpenAPIV3 } from 'openapi-types';
import type { TestService } from '../helpers/service.ts';

/** One method of one path of the OpenAPI document. */
export interface Operation {
  method: string;
  /** As documented: `/api/v1/users/{id}`. */
  path: string;
  parameters: OpenAPIV3.ParameterObject[];
  body: OpenAPIV3.RequestBodyObject | undefined;
  responses: Record<string, OpenAPIV3.ResponseObject>;
  detail: OpenAPIV3.OperationObject;
}

/** Every operation of the document a service serves. */
export async function operationsOf(service: TestService): Promise<Operation[]> {
  const { body } = await service.api('GET', '/swagger/json');
  return Object.entries((body as OpenAPIV3.Document).paths).flatMap(([path, item]) =>
    Object.entries(item as Record<string, OpenAPIV3.OperationObject>).map(([method, detail]) => ({
      method: method.toUpperCase(),
      path,
      parameters: (detail.parameters ?? []) as OpenAPIV3.ParameterObject[],
      body: detail.requestBody as OpenAPIV3.RequestBodyObject | undefined,
      responses: detail.responses as Record<string, OpenAPIV3.ResponseObject>,
      detail,
    })),
  );
}

export const isApi = ({ path }: Operation): boolean => path.startsWith('/api/v1/');
/** What anybody may ask: the way in. */
export const isOpen = ({ path }: Pick<Operation, 'path'>): boolean =>
  /^\/api\/v1\/(sign-in-options|invitations\/(check|accept))$/.test(path);
/** Whether it is about accounts; test/auth tries those out. */
export const isAccount = (path: string): boolean =>
  /^\/api\/v1\/(admins|api-keys|invitations|me|sessions)(\/|$)/.test(path);
/** The path with a value for each of its parameters. */
export const fill = (path: string, value: string): string => path.replaceAll(/\{\w+\}/g, value);
export const takesJson = ({ body }: Operation): boolean => body?.content['application/json'] !== undefined;
